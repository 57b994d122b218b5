import { expect, it } from "vitest";
import { mergeReports } from "./merge-reports.ts";
import type { Report } from "./report.ts";
import { cleanReport } from "./testing/sample-report.ts";

/** Two shards: the even cases with every builder, and the odd ones. */
async function shards(): Promise<[Report, Report]> {
  const whole = await cleanReport();
  const ids = whole.cases.map(({ id }) => id);
  const shard = (rest: number): Report => ({
    ...whole,
    run: { ...whole.run, gaps: ["it has half of the cases"] },
    cases: whole.cases.filter(({ id }) => ids.indexOf(id) % 2 === rest),
    results: whole.results.filter((result) => ids.indexOf(result.case) % 2 === rest),
  });
  return [shard(0), shard(1)];
}

it("counts the whole as if it had been one run", async () => {
  const whole = await cleanReport();
  const merged = mergeReports(await shards());
  expect(merged.builders).toEqual(whole.builders);
  expect(merged.cases).toEqual(whole.cases);
  expect(merged.run.gaps).toEqual([]);
  expect(merged.run.parts).toHaveLength(2);
});

it("still has a gap while a shard is missing", async () => {
  const [first] = await shards();
  expect(mergeReports([first]).run.gaps).toEqual(["it has 7 of the 13 cases of the corpus"]);
});

it("takes shards by builder as well", async () => {
  const whole = await cleanReport();
  const only = (id: string): Report => ({
    ...whole,
    builders: whole.builders.filter((builder) => builder.id === id),
    results: whole.results.filter(({ builder }) => builder === id),
  });
  expect(mergeReports([only("kaniko"), only("dind")]).builders).toEqual(whole.builders);
});

it("refuses reports of two corpora, of two programs, and of one builder in two versions", async () => {
  const [first, second] = await shards();
  const run = (change: object): Report => ({ ...second, run: { ...second.run, ...change } });
  expect(() => mergeReports([first, run({ corpusDigest: "another" })])).toThrow(
    /are not of one corpus: .* Run every shard from the same commit/,
  );
  expect(() => mergeReports([first, run({ tool: "0.2.0" })])).toThrow(/are not of one program/);
  const builders = second.builders.map((builder) => ({ ...builder, version: "9" }));
  expect(() => mergeReports([first, { ...second, builders }])).toThrow(
    /know two different builders "kaniko": 1\.24\.0 .* and 9/,
  );
});

it("refuses a result that is in two reports", async () => {
  const [first] = await shards();
  expect(() => mergeReports([first, first])).toThrow(
    /have a result of [\w-]+ with \w+\. Merge each shard once/,
  );
});
