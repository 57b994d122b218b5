import { describe, expect, it } from "vitest";
import { exitCodeOf } from "./exit-code.ts";
import type { RunRecord, VerdictName } from "./run-record.ts";
import { madeUpEntry } from "./testing/made-up.ts";

const WAIVER = { entry: madeUpEntry("a"), problem: "unused", message: "" } as const;

function codeOf(verdicts: readonly VerdictName[], change: Partial<RunRecord> = {}): number {
  const cells = verdicts.map((verdict) => ({ case: "a", builder: "kaniko", verdict }));
  return exitCodeOf({ complete: true, probe: false, waivers: [], verdicts: cells, ...change } as RunRecord);
}

describe("the exit code", () => {
  it("tells the most serious finding", () => {
    expect(codeOf(["expected", "known"])).toBe(0);
    expect(codeOf(["expected", "regression"])).toBe(1);
    expect(codeOf(["unexpected-pass"])).toBe(1);
    expect(codeOf(["regression", "incomplete"], { complete: false })).toBe(3);
    expect(codeOf(["known"], { waivers: [WAIVER] })).toBe(4);
    expect(codeOf(["regression"], { waivers: [WAIVER] })).toBe(1);
  });

  it("of a measurement tells only whether it is complete", () => {
    expect(codeOf(["regression"], { probe: true })).toBe(0);
    expect(codeOf(["incomplete"], { probe: true, complete: false })).toBe(3);
  });
});
