import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readReport } from "./read-report.ts";
import { cleanRecord, sampleRecord } from "./testing/sample-record.ts";
import { reportJson, writeMergedReports, writeReports } from "./write-reports.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "write-reports-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("writes every report, also of a run that has no result at all", async () => {
  const written = await writeReports(await sampleRecord(folder, { results: [] }), join(folder, "out"));
  expect(written.map((path) => path.split("/").at(-1)).sort()).toEqual([
    "badge-dind.json",
    "badge-dind.svg",
    "badge-kaniko.json",
    "badge-kaniko.svg",
    "index.html",
    "junit.xml",
    "report.json",
    "summary.md",
  ]);
  expect(await readdir(join(folder, "out"))).toHaveLength(written.length);
});

it("puts one case and one result on a line, so that a change of one is a change of one", async () => {
  await writeReports(await sampleRecord(folder), join(folder, "out"));
  const text = await readFile(join(folder, "out/report.json"), "utf8");
  expect(text).toBe(reportJson(await readReport(join(folder, "out/report.json"))));
  expect(text.match(/^\{"case":"[^\n]*\},?$/gm)).toHaveLength(26);
  expect(text.match(/^\{"id":"[^\n]*\},?$/gm)).toHaveLength(13);
});

it("joins the reports of shards into those of the whole", async () => {
  const whole = await cleanRecord(folder);
  const shards = await Promise.all(
    [0, 1].map(async (rest) => {
      const cases = whole.cases.filter((_, index) => index % 2 === rest);
      const isOurs = (result: { readonly case: string }): boolean =>
        cases.some(({ id }) => id === result.case);
      const out = join(folder, `shard-${rest}`);
      await writeReports({ ...whole, cases, results: whole.results.filter(isOurs) }, out);
      return join(out, "report.json");
    }),
  );
  const { report, files } = await writeMergedReports(
    await Promise.all(shards.map(readReport)),
    join(folder, "whole"),
  );
  expect(files).toHaveLength(8);
  const merged = await readReport(join(folder, "whole/report.json"));
  expect(merged).toEqual(report);
  expect(merged.run.gaps).toEqual([]);
  expect(merged.results).toHaveLength(26);
  expect(merged.builders.map(({ level }) => level.reached)).toEqual(["gold", "gold"]);
});
