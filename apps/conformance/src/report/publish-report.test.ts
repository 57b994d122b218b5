import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { publishReport } from "./publish-report.ts";
import { readReport } from "./read-report.ts";
import { cleanRecord } from "./testing/sample-record.ts";
import { writeReports } from "./write-reports.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "publish-"));
  await writeFile(
    join(root, "README.md"),
    "# Ours\n<!-- conformance:begin -->\n<!-- conformance:end -->\nmore\n",
  );
});
afterEach(() => rm(root, { recursive: true }));

it("writes pages, report and badges into docs/conformance, and the numbers into the README", async () => {
  await writeReports(await cleanRecord(join(root, "cases")), join(root, "out"));
  await mkdir(join(root, "docs/conformance"), { recursive: true });
  await writeFile(join(root, "docs/conformance/badge-former.svg"), "");
  await publishReport(await readReport(join(root, "out/report.json")), root);
  expect((await readdir(join(root, "docs/conformance"))).sort()).toEqual([
    "README.md",
    "badge-dind.json",
    "badge-dind.svg",
    "badge-kaniko.json",
    "badge-kaniko.svg",
    "index.html",
    "report.json",
    "report.schema.json",
    "summary.md",
  ]);
  const readme = await readFile(join(root, "README.md"), "utf8");
  expect(readme).toMatch(/^# Ours\n<!-- conformance:begin -->\n\| builder \| level \|/);
  expect(readme).toContain("| **kaniko** 1.24.0 | gold | 100 % (10 of 10) | 100 % (3 of 3) | 0 | 0 | 0 |");
  expect(readme).toMatch(/<!-- conformance:end -->\nmore\n$/);
  const page = await readFile(join(root, "docs/conformance/README.md"), "utf8");
  expect(page).toContain("| `copy-parents` | works (1 of 1 passed) | works (1 of 1 passed) |");
});

it("counts anew what the file says of itself", async () => {
  await writeReports(await cleanRecord(join(root, "cases"), { corpusCases: 400 }), join(root, "out"));
  const file = join(root, "out/report.json");
  const report = JSON.parse(await readFile(file, "utf8")) as { run: { gaps: string[] } };
  await writeFile(file, JSON.stringify({ ...report, run: { ...report.run, gaps: [] } }));
  await expect(publishReport(await readReport(file), root)).rejects.toThrow(/it has 13 of the 400 cases/);
});

it("refuses a report that does not stand for the whole corpus, and changes nothing", async () => {
  await writeReports(await cleanRecord(join(root, "cases"), { corpusCases: 400 }), join(root, "out"));
  const before = await readFile(join(root, "README.md"), "utf8");
  await expect(publishReport(await readReport(join(root, "out/report.json")), root)).rejects.toThrow(
    /is not published: it has 13 of the 400 cases of the corpus\. Run the whole corpus/,
  );
  expect(await readFile(join(root, "README.md"), "utf8")).toBe(before);
  expect(await readdir(root)).not.toContain("docs");
});
