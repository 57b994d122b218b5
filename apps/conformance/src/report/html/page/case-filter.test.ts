import { expect, it } from "vitest";
import { sampleReport } from "../../testing/sample-report.ts";
import { type CaseFilter, filterCases, filterOfHash, hashOfFilter, NO_FILTER } from "./case-filter.ts";

async function found(filter: Partial<CaseFilter>): Promise<string[]> {
  return filterCases(await sampleReport(), { ...NO_FILTER, ...filter }).map(({ id }) => id);
}

it("lets every case through without a condition", async () => {
  expect(await found({})).toHaveLength(13);
});

it("finds every word in id, title or Dockerfile, in capitals or not", async () => {
  expect(await found({ text: "volume LABEL" })).toEqual(["volume-below-copy"]);
  expect(await found({ text: "copy-par" })).toEqual(["copy-parents"]);
  expect(await found({ text: "volume nothing-like-it" })).toEqual([]);
});

it("takes group and feature of the case", async () => {
  expect(await found({ group: "run" })).toEqual(["run-daemon", "run-exit-code"]);
  expect(await found({ feature: "run-mount-ssh" })).toEqual(["run-mount-ssh"]);
});

it("asks builder, status and verdict of one and the same result", async () => {
  expect(await found({ status: "crash" })).toEqual(["add-zstd"]);
  expect(await found({ status: "crash", builder: "dind" })).toEqual([]);
  expect(await found({ verdict: "known", builder: "kaniko" })).toEqual(["volume-below-copy"]);
  expect(await found({ status: "pass", verdict: "known" })).toEqual([]);
});

it("goes into an address and comes out again", () => {
  const filter = { ...NO_FILTER, text: "a b&c=d", status: "differs" };
  expect(filterOfHash(hashOfFilter(filter))).toEqual(filter);
  expect(hashOfFilter(NO_FILTER)).toBe("");
});

it("takes no permalink of a case for a filter", () => {
  expect(filterOfHash("#copy-parents")).toBeUndefined();
  expect(filterOfHash("")).toBeUndefined();
});
