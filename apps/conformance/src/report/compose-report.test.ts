import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { STATUSES } from "@slipway/conformance";
import { Ajv } from "ajv";
import { expect, it } from "vitest";
import { reportSchemaJson } from "./report-schema.ts";
import { cleanReport, sampleReport } from "./testing/sample-report.ts";
import { reportJson } from "./write-reports.ts";

const schemaFile = join(import.meta.dirname, "../../../../docs/conformance/report.schema.json");

it("is as docs/conformance/report.schema.json says (UPDATE_GOLDEN=1 rewrites it)", async () => {
  const schema = reportSchemaJson();
  if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(schemaFile, schema);
  expect(await readFile(schemaFile, "utf8")).toBe(schema);
  const validate = new Ajv({
    strict: true,
    formats: { "date-time": (text) => !Number.isNaN(Date.parse(text)) },
  }).compile(JSON.parse(schema) as object);
  validate(JSON.parse(reportJson(await sampleReport())));
  expect(validate.errors).toBeNull();
  validate({ ...(await sampleReport()), version: 2 });
  expect(validate.errors).toMatchObject([{ instancePath: "/version" }]);
});

it("counts every status, score and feature of each builder", async () => {
  const [kaniko, dind] = (await sampleReport()).builders;
  expect(kaniko?.statuses).toEqual(Object.fromEntries(Object.keys(STATUSES).map((status) => [status, 1])));
  expect(kaniko?.score.all).toEqual({
    passed: 2,
    applicable: 10,
    known: 1,
    unsupported: 1,
    silentlyIgnored: 1,
    cells: 13,
  });
  expect(kaniko?.score.groups.copy).toMatchObject({ passed: 1, applicable: 3 });
  expect(kaniko?.features.find(({ feature }) => feature === "copy-parents")).toMatchObject({
    declared: true,
    score: { passed: 0, applicable: 1, silentlyIgnored: 1 },
  });
  expect(dind?.score.profiles).toMatchObject({
    core: { passed: 10, applicable: 10 },
    extended: { passed: 3, applicable: 3 },
  });
});

it("keeps the log of what did not pass, and of nothing else", async () => {
  const { results } = await sampleReport();
  expect(results.filter(({ log, status }) => (log === undefined) !== status.startsWith("pass"))).toEqual([]);
});

it("has the Dockerfile, the facts wanted and the reason of a known difference", async () => {
  const { cases, results } = await sampleReport();
  expect(cases.find(({ id }) => id === "copy-parents")).toMatchObject({
    dockerfile: "FROM scratch\nCOPY --parents a/b.txt /\n",
    profile: "extended",
    expect: { files: { "/a.txt": { mode: "0644" } } },
  });
  expect(results.find(({ verdict }) => verdict === "known")?.known).toEqual({
    reason: "what COPY puts below a volume is left out of the snapshot",
    evidence: "pkg/util/fs_util.go, CheckIgnoreList",
    expires: "2027-05-26",
  });
});

it("has no gap and the highest level when all of the corpus passes", async () => {
  const report = await cleanReport();
  expect(report.run.gaps).toEqual([]);
  expect(report.builders.map(({ level }) => level)).toEqual([
    { reached: "gold", missing: [] },
    { reached: "gold", missing: [] },
  ]);
});

it.each([
  ["cases that were left out", { corpusCases: 400 }, ["it has 13 of the 400 cases of the corpus"]],
  ["a probe", { probe: true }, ["it was a probe: builders were asked for what they do not declare"]],
  ["no result", { results: [] }, ["no result of 26 builds"]],
  ["no builder", { builders: [], results: [] }, ["it has no builder"]],
])("names %s as a gap, and gives no level", async (_name, change, gaps) => {
  const report = await cleanReport(change);
  expect(report.run.gaps).toEqual(gaps);
  expect(report.builders.filter(({ level }) => level.reached !== "none")).toEqual([]);
});

it("names what was skipped of core, and where the harness failed", async () => {
  const report = await sampleReport();
  expect(report.run.gaps).toEqual(["the harness failed once with kaniko"]);
  const results = report.results.map((result) => ({ ...result, status: "skipped" as const, log: [] }));
  expect((await sampleReport({ results: results.slice(0, 2) })).run.gaps).toEqual([
    "no result of 24 builds",
    "skipped of the core profile: copy-plain-file, copy-plain-file",
  ]);
});
