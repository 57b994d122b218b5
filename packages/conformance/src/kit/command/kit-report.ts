import type { BuilderPlugin, Feature } from "@slipway/core";
import type { JudgedCase } from "../known-failures.ts";
import type { Outcome } from "../outcome.ts";

/** What a run of the kit found: the JSON file. */
export interface KitReport {
  readonly builder: { readonly id: string; readonly summary: string; readonly features: readonly Feature[] };
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** Nothing is missing and nothing is unexpected. */
  readonly asExpected: boolean;
  readonly counts: Readonly<Partial<Record<Outcome, number>>>;
  readonly cases: readonly JudgedCase[];
  /** Entries of the list of known failures that are no cases. */
  readonly complaints: readonly string[];
}

/** Everything that ended otherwise than expected: the process' exit code. */
export const KIT_EXIT = { expected: 0, failures: 1, usage: 2, harness: 3 } as const;

export function kitReport(
  { id, summary }: BuilderPlugin,
  features: readonly Feature[],
  run: Pick<KitReport, "startedAt" | "durationMs" | "cases" | "complaints">,
): KitReport {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of run.cases) counts[outcome] = (counts[outcome] ?? 0) + 1;
  const asExpected =
    run.complaints.length === 0 && run.cases.every(({ complaint }) => complaint === undefined);
  return { builder: { id, summary, features }, asExpected, counts, ...run };
}

/** A harness error hides what the builder does: it counts more than failures. */
export function exitCodeOf({ asExpected, counts }: KitReport): number {
  if ((counts["harness-error"] ?? 0) > 0) return KIT_EXIT.harness;
  return asExpected ? KIT_EXIT.expected : KIT_EXIT.failures;
}

/** One line for the end of a case. */
export function caseLine({ id, outcome, reason, known, complaint, durationMs }: JudgedCase): string {
  const word =
    complaint !== undefined
      ? "FAIL"
      : known !== undefined
        ? "known"
        : outcome === "skipped"
          ? "skip"
          : "pass";
  const why = complaint ?? (known === undefined ? reason : `${known} (${reason ?? outcome})`);
  const time = durationMs < 1000 ? "" : ` (${(durationMs / 1000).toFixed(1)} s)`;
  return `${word.padEnd(5)} ${id}${time}${why === undefined ? "" : `: ${why}`}`;
}

export function summaryLine({ cases, counts, complaints, durationMs }: KitReport): string {
  const told = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`);
  const wrong = cases.filter(({ complaint }) => complaint !== undefined).length + complaints.length;
  const minutes = Math.max(durationMs / 60_000, 1 / 60);
  const rate = (cases.length / minutes).toFixed(0);
  return `${cases.length} cases in ${minutes.toFixed(1)} min (${rate} a minute): ${told.join(", ")}; ${wrong} not as expected`;
}
