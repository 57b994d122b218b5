import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GROUPS, STATUSES } from "@slipway/conformance";
import { FEATURES } from "@slipway/core";
import { build, transform } from "esbuild";
import { VERDICTS } from "../../run-record.ts";
import { PROFILES, type Report } from "../report.ts";
import type { PageData } from "./page/page-data.ts";

/** The report as one HTML file that needs no network. Texts of builds are data in it: no markup of theirs is ever parsed. */
export async function indexPage(report: Report): Promise<string> {
  const [template, style, script] = await Promise.all([asset("page.html"), pageStyle(), pageScript()]);
  const data: PageData = {
    report,
    meanings: {
      statuses: STATUSES,
      verdicts: VERDICTS,
      groups: GROUPS,
      features: FEATURES,
      profiles: PROFILES,
    },
  };
  const slots: Readonly<Record<string, string>> = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policyOf(style, script)}">`,
    style: `<style>${style}</style>`,
    data: `<script id="_data" type="application/json">${embedded(data)}</script>`,
    script: `<script>${script}</script>`,
  };
  return template.replace(/<!-- (\w+) -->/g, (_, slot: string) => slots[slot] ?? "");
}

function asset(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, name), "utf8");
}

/** In the order of the cascade. */
const STYLES = ["theme", "statuses", "overview", "tables", "cases", "details"];

async function pageStyle(): Promise<string> {
  const sheets = await Promise.all(STYLES.map((name) => asset(`style/${name}.css`)));
  const { code } = await transform(sheets.join(""), { loader: "css", minify: true });
  return code.trimEnd();
}

async function pageScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "page/main.ts")],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: "es2022",
    // The end of our own script element must not stand inside of it.
    supported: { "inline-script": false },
  });
  return outputFiles[0]?.text.trimEnd() ?? "";
}

/** Only our own style and script: what a hostile log smuggled in would neither run nor reach anything. */
function policyOf(style: string, script: string): string {
  return [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** JSON that cannot end the element it stands in. */
export function embedded(data: unknown): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}
