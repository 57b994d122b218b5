import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Blame, ERROR_CODES } from "../src/errors.ts";
import { FEATURES } from "../src/features.ts";

const docs = join(import.meta.dirname, "../../../docs");

const MENDERS: Readonly<Record<Blame, string>> = {
  request: "the author of the workflow or the action",
  operator: "who runs the runners",
  infrastructure: "nobody: it passes, or the cluster needs care",
  builder: "the author of the builder, or we",
  caller: "nobody: somebody cancelled",
};

it.each([
  ["features.md", featuresPage()],
  ["errors.md", errorsPage()],
])("docs/%s says what the constants say (UPDATE_GOLDEN=1 rewrites it)", async (name, text) => {
  const page = join(docs, name);
  if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(page, text);
  expect(await readFile(page, "utf8")).toBe(text);
});

function featuresPage(): string {
  return page(
    "Features",
    "What a builder may or may not do. Everything else in the [Dockerfile reference](https://docs.docker.com/reference/dockerfile/) " +
      "is what every builder must do. A build that needs a feature which its builder lacks is refused before anything " +
      "starts, with the line that needs it. This page is made from `packages/core/src/features.ts`.",
    ["feature", "meaning"],
    Object.entries(FEATURES).map(([name, sentence]) => [`\`${name}\``, sentence]),
  );
}

function errorsPage(): string {
  return page(
    "Errors",
    "Every way in which a build or a step can fail. A failure ends with one line that tells the cause and what to do. " +
      '"Again" means that the same request may succeed later without a change. This page is made from ' +
      "`packages/core/src/errors.ts`.",
    ["code", "who mends it", "again", "meaning"],
    Object.entries(ERROR_CODES).map(([code, { blame, retryable, meaning }]) => [
      `\`${code}\``,
      MENDERS[blame],
      retryable ? "yes" : "no",
      meaning,
    ]),
  );
}

function page(
  title: string,
  intro: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const table = [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)];
  return `# ${title}\n\n${intro}\n\n${table.join("\n")}\n`;
}
