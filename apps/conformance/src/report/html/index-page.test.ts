import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { HOSTILE } from "../testing/sample-record.ts";
import { sampleReport } from "../testing/sample-report.ts";
import { indexPage } from "./index-page.ts";

it("holds what builds printed as data, in which nothing can end the element", async () => {
  const page = await indexPage(await sampleReport());
  const [, data = ""] = /<script id="_data" type="application\/json">([^<]*)<\/script>/.exec(page) ?? [];
  const { report } = JSON.parse(data) as { report: { results: { log?: string[] }[] } };
  expect(report.results.flatMap(({ log }) => log ?? [])).toContain(HOSTILE);
  expect(page.replace(data, "")).not.toContain("globalThis.pwned");
});

it("allows its own script and style to run, by hash, and nothing to be loaded", async () => {
  const page = await indexPage(await sampleReport());
  const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  expect(policy).toMatch(/^default-src 'none'; /);
  expect(policy).not.toContain("unsafe");
  for (const [tag, directive] of [
    ["script", "script-src"],
    ["style", "style-src"],
  ] as const) {
    const [, text = ""] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page) ?? [];
    const hash = createHash("sha256").update(text).digest("base64");
    expect(policy).toContain(`${directive} 'sha256-${hash}'`);
  }
});

it("names nothing that would be loaded from a network", async () => {
  const page = await indexPage(await sampleReport());
  expect(page.match(/(src|href)="(?!#|data:)[^"]*"|@import|url\(/g) ?? []).toEqual([]);
});
