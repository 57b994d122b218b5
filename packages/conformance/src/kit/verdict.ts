import { isBuildError } from "@slipway/core";
import { CaseFailure, NotApplicable } from "./case-failure.ts";
import type { Outcome } from "./outcome.ts";

/** How a case ended, and why, in one line. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly reason?: string;
}

/** What an error says of the builder that nobody waits for. */
export function crashOf(defect: unknown): Verdict {
  return { outcome: "crash", reason: `nobody handles the error: ${String(defect)}` };
}

/** What an error that a case throws says of the builder. */
export function verdictOf(error: unknown): Verdict {
  const reason = (error instanceof Error ? error.message : String(error)).split(/[\r\n]/, 1)[0] ?? "";
  if (error instanceof NotApplicable) return { outcome: "skipped", reason };
  if (error instanceof CaseFailure) return { outcome: error.outcome, reason };
  return { outcome: "harness-error", reason: isBuildError(error) ? `${error.code}: ${reason}` : reason };
}
