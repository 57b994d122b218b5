import type { Status } from "@slipway/conformance";
import type { ReportCase, ReportCell, Score } from "./report.ts";

/** A result beside the case it is of. */
export interface ScoredCell {
  readonly of: ReportCase;
  readonly result: ReportCell;
}

const PASSED: ReadonlySet<Status> = new Set<Status>(["pass", "pass-with-warning"]);
const UNKNOWN: ReadonlySet<Status> = new Set<Status>(["skipped", "harness-error"]);

export function hasPassed({ status }: { readonly status: Status }): boolean {
  return PASSED.has(status);
}

/**
 * Counts cells; the figure shown is passed of applicable. A builder may refuse what needs a feature that it does not
 * declare: such a cell counts as neither. To refuse what every builder must do, or what one declares, is not to pass.
 */
export function scoreOf(cells: readonly ScoredCell[], declared: readonly string[]): Score {
  const applicable = cells.filter((cell) => isApplicable(cell, declared));
  return {
    passed: applicable.filter(({ result }) => hasPassed(result)).length,
    applicable: applicable.length,
    known: applicable.filter(({ result }) => result.verdict === "known").length,
    unsupported: cells.filter(({ result }) => result.status === "unsupported").length,
    silentlyIgnored: cells.filter(({ result }) => result.status === "silently-ignored").length,
    cells: cells.length,
  };
}

function isApplicable({ of, result }: ScoredCell, declared: readonly string[]): boolean {
  if (UNKNOWN.has(result.status)) return false;
  return result.status !== "unsupported" || of.features.every((feature) => declared.includes(feature));
}

/** Rounded down to a tenth, so that 100 % means all; undefined where nothing was applicable. */
export function percentOf({ passed, applicable }: Pick<Score, "passed" | "applicable">): number | undefined {
  return applicable === 0 ? undefined : Math.floor((passed / applicable) * 1000) / 10;
}

/** Such as "98.5 %", or "–" where nothing was applicable. */
export function percentText(score: Pick<Score, "passed" | "applicable">): string {
  const percent = percentOf(score);
  return percent === undefined ? "–" : `${percent} %`;
}
