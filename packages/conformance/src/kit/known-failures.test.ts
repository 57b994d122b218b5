import { describe, expect, it } from "vitest";
import { judgeCase, unknownEntries } from "./known-failures.ts";
import type { Outcome } from "./outcome.ts";

const LIST = { "build/keeps-modes": "https://example.com/issues/1" };

function complaint(outcome: Outcome, known = {}): string | undefined {
  return judgeCase({ id: "build/keeps-modes", outcome, reason: "why", durationMs: 1, log: [] }, known)
    .complaint;
}

describe("judgeCase", () => {
  it("complains of everything but passed and skipped cases", () => {
    expect(complaint("pass")).toBeUndefined();
    expect(complaint("skipped")).toBeUndefined();
    expect(complaint("fail")).toBe("fail: why");
    expect(complaint("timeout")).toBe("timeout: why");
  });

  it("expects a known failure, however it ends", () => {
    for (const outcome of ["fail", "crash", "timeout", "flood", "leftovers"] as const)
      expect(complaint(outcome, LIST)).toBeUndefined();
  });

  it("complains of an entry that is not needed any more", () => {
    expect(complaint("pass", LIST)).toBe("it passes: remove it from the list of known failures");
    expect(complaint("skipped", LIST)).toMatch(/^it is not run \(why\): remove it/);
  });

  it("takes no entry for an excuse where nothing is known of the builder", () => {
    expect(complaint("harness-error", LIST)).toBe("harness-error: why");
  });
});

describe("unknownEntries", () => {
  it("names an entry that is no case", () => {
    expect(unknownEntries({ ...LIST, "build/typo": "" }, ["build/keeps-modes"])).toEqual([
      "build/typo is no case: correct it in the list of known failures, or remove it",
    ]);
  });

  it("takes no inherited name for an entry", () => {
    expect(judgeCase({ id: "toString", outcome: "fail", durationMs: 0, log: [] }, LIST)).not.toHaveProperty(
      "known",
    );
  });
});
