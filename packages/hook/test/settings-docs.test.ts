import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  REGISTRY_SETTINGS,
  RUNNER_SETTINGS,
  type SettingEntry,
  SLIPWAY_SETTINGS,
} from "../src/settings-table.ts";

const page = join(import.meta.dirname, "../../../docs/settings.md");

it("docs/settings.md says what the table says (UPDATE_GOLDEN=1 rewrites it)", async () => {
  const text = settingsPage();
  if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(page, text);
  expect(await readFile(page, "utf8")).toBe(text);
});

function settingsPage(): string {
  return [
    "# Settings",
    "Environment variables of the runner container. This page is made from `packages/hook/src/settings-table.ts`.",
    "## The registry for built images",
    table(REGISTRY_SETTINGS),
    "## Slipway's own",
    table(SLIPWAY_SETTINGS),
    "## Set by the runner or by ARC",
    table(RUNNER_SETTINGS),
  ]
    .join("\n\n")
    .concat("\n");
}

function table(settings: Readonly<Record<string, SettingEntry>>): string {
  const rows = Object.entries(settings).map(
    ([name, entry]) => `| \`${name}\` | ${entry.default} | ${entry.meaning} |`,
  );
  return ["| variable | default | meaning |", "|---|---|---|", ...rows].join("\n");
}
