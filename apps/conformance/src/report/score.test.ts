import type { Status } from "@slipway/conformance";
import { expect, it } from "vitest";
import { percentOf, percentText, scoreOf } from "./score.ts";
import { scoredCell } from "./testing/scored-cell.ts";

it("counts as passed what passed, with or without a warning, and nothing else", () => {
  const statuses: Status[] = ["pass", "pass-with-warning", "differs", "silently-ignored", "fail", "timeout"];
  const score = scoreOf(
    statuses.map((status) => scoredCell({ status })),
    [],
  );
  expect(score).toMatchObject({ passed: 2, applicable: 6, silentlyIgnored: 1, cells: 6 });
});

it("counts a known difference as not passed", () => {
  expect(scoreOf([scoredCell({ status: "differs", verdict: "known" })], [])).toMatchObject({
    passed: 0,
    applicable: 1,
    known: 1,
  });
});

it("leaves out what tells nothing of the builder", () => {
  const cells = [scoredCell({ status: "skipped" }), scoredCell({ status: "harness-error" })];
  expect(scoreOf(cells, [])).toMatchObject({ passed: 0, applicable: 0, cells: 2 });
});

it("lets a builder refuse only what it does not declare", () => {
  const refused = scoredCell({ status: "unsupported" }, { features: ["copy-parents"] });
  expect(scoreOf([refused], [])).toMatchObject({ applicable: 0, unsupported: 1 });
  expect(scoreOf([refused], ["copy-parents"])).toMatchObject({ passed: 0, applicable: 1 });
  expect(scoreOf([scoredCell({ status: "unsupported" })], [])).toMatchObject({ passed: 0, applicable: 1 });
});

it("says 100 % of all only", () => {
  expect(percentOf({ passed: 1999, applicable: 2000 })).toBe(99.9);
  expect(percentText({ passed: 2, applicable: 2 })).toBe("100 %");
  expect(percentText({ passed: 0, applicable: 0 })).toBe("–");
});
