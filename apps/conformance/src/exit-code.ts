import type { RunRecord } from "./run-record.ts";

/** What the exit code is decided by: of a run, and of a report that was put together. */
export interface Outcome extends Pick<RunRecord, "complete" | "probe"> {
  readonly verdicts: readonly Pick<RunRecord["verdicts"][number], "verdict">[];
  readonly waivers: readonly unknown[];
}

/** What the process ends with. */
export const EXIT = { asExpected: 0, unexpected: 1, usage: 2, harness: 3, waivers: 4 } as const;

/** The most serious finding decides. A measurement has no expectation that could fail. */
export function exitCodeOf({ complete, probe, verdicts, waivers }: Outcome): number {
  if (!complete) return EXIT.harness;
  if (probe) return EXIT.asExpected;
  const unexpected = verdicts.some(
    ({ verdict }) => verdict === "regression" || verdict === "unexpected-pass",
  );
  if (unexpected) return EXIT.unexpected;
  return waivers.length > 0 ? EXIT.waivers : EXIT.asExpected;
}
