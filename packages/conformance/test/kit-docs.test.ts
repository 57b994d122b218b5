import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CONFORMANCE_CASES } from "../src/kit/cases/all-cases.ts";
import { ABILITIES, AREAS, type ConformanceCase } from "../src/kit/conformance-case.ts";
import { OUTCOMES } from "../src/kit/outcome.ts";

const page = join(import.meta.dirname, "../../../docs/conformance-cases.md");

it("docs/conformance-cases.md says what the cases say (UPDATE_GOLDEN=1 rewrites it)", async () => {
  const text = [
    ...head(),
    ...areas(),
    ...table("How a case ends", ["outcome", "meaning"], OUTCOMES),
    "",
  ].join("\n");
  if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(page, text);
  expect(await readFile(page, "utf8")).toBe(text);
});

it("every case has a name of its own, in an area, and a title that is a sentence", () => {
  const ids = CONFORMANCE_CASES.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
  for (const { id, title } of CONFORMANCE_CASES) {
    expect(Object.keys(AREAS)).toContain(id.split("/")[0]);
    expect(title).toMatch(/\S \S/);
    expect(title).not.toMatch(/\bshould\b|[.|]$/);
  }
});

function head(): string[] {
  return [
    "# Behaviour cases of the conformance kit",
    "",
    "What must be true of every builder, whatever Dockerfile it gets; [builders.md](builders.md) tells how to run them. A case that needs a feature is",
    "skipped where the builder does not declare it. The Dockerfiles themselves are in the [corpus](corpus.md). This page is made from `packages/conformance/src/kit`.",
    "",
  ];
}

function areas(): string[] {
  return Object.entries(AREAS).flatMap(([area, meaning]) => {
    const cases = CONFORMANCE_CASES.filter(({ id }) => id.startsWith(`${area}/`));
    const rows = cases.map((item) => `| \`${item.id}\` | ${cell(item.title)} | ${needsOf(item)} |`);
    return [`## ${area}: ${meaning}`, "", "| case | what is true | needs |", "|---|---|---|", ...rows, ""];
  });
}

function needsOf({ requires, needs = [] }: ConformanceCase): string {
  return [
    ...requires.map((feature) => `\`${feature}\``),
    ...needs.map((ability) => cell(ABILITIES[ability])),
  ].join(", ");
}

function table(title: string, columns: readonly string[], rows: Readonly<Record<string, string>>): string[] {
  const lines = Object.entries(rows).map(([name, meaning]) => `| \`${name}\` | ${cell(meaning)} |`);
  return [`## ${title}`, "", `| ${columns.join(" | ")} |`, "|---|---|", ...lines];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
