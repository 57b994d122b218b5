import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withBlock } from "../src/report/marked-block.ts";
import { BLOCK, publishedFiles } from "../src/report/publish-report.ts";
import { readmeBlock } from "../src/report/published-pages.ts";
import { readReport } from "../src/report/read-report.ts";
import type { Report } from "../src/report/report.ts";

const root = join(import.meta.dirname, "../../..");
const folder = join(root, "docs/conformance");
const file = join(folder, "report.json");
const MAX_REPORT_BYTES = 3_000_000;

/** What is published; undefined as long as nothing is. */
async function published(): Promise<Report | undefined> {
  return existsSync(file) ? readReport(file) : undefined;
}

it("the README has the numbers of docs/conformance/report.json", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  expect(readme, "npm run conformance -- --publish docs/conformance/report.json writes them").toBe(
    withBlock(readme, BLOCK, readmeBlock(await published())),
  );
});

describe.runIf(existsSync(file))("docs/conformance", () => {
  it("is of a complete run, and small enough for a repository", async () => {
    expect((await published())?.run.gaps).toEqual([]);
    expect((await stat(file)).size).toBeLessThan(MAX_REPORT_BYTES);
  });

  it("has the pages that are made from its report (--publish docs/conformance/report.json writes them)", async () => {
    const report = await readReport(file);
    for (const [name, text] of publishedFiles(report)) {
      expect(await readFile(join(folder, name), "utf8"), name).toBe(text);
    }
  });

  it("has the report in its page", async () => {
    const page = await readFile(join(folder, "index.html"), "utf8");
    const [, data = "{}"] = /<script id="_data" type="application\/json">([^<]*)<\/script>/.exec(page) ?? [];
    expect((JSON.parse(data) as { report: Report }).report).toEqual(await readReport(file));
  });
});
