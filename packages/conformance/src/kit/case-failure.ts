import { isDeepStrictEqual } from "node:util";
import type { Outcome } from "./outcome.ts";

/** What must be true is not. The message has both sides, in one line. */
export class CaseFailure extends Error {
  override readonly name = "CaseFailure";
  readonly outcome: Outcome;

  constructor(message: string, outcome: Outcome = "fail", cause?: unknown) {
    super(message, { cause });
    this.outcome = outcome;
  }
}

/** The case does not apply to this builder, for the reason given. */
export class NotApplicable extends Error {
  override readonly name = "NotApplicable";
}

const LONGEST = 400;

/** Throws a CaseFailure unless both sides are deeply equal. */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new CaseFailure(`${what}: expected ${shown(expected)}, found ${shown(actual)}`);
}

/** Throws a CaseFailure unless it is true. `found` tells what is there instead. */
export function expectThat(condition: boolean, expected: string, found: unknown): asserts condition {
  if (condition) return;
  throw new CaseFailure(`expected ${expected}, found ${shown(found)}`);
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : (JSON.stringify(value) ?? "nothing");
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
