/** How a case ended. `pass` alone counts as passed. */
export const OUTCOMES = {
  pass: "it is true",
  fail: "it is not",
  "foreign-digest": "the registry has another image than the one that the builder reported, or none",
  "malformed-image": "what was pushed is not a sound image",
  timeout: "it did not end in time, or not when it was told to stop",
  crash: "the builder broke down: an error without a code, or one that nobody handles",
  flood: "it printed more than anybody could read or keep",
  leftovers: "something that it made is still there, or still at work",
  skipped: "not run, for the reason given",
  "harness-error": "the kit or its place failed: nothing is known of the builder",
} as const;

export type Outcome = keyof typeof OUTCOMES;

/** The end of one case: plain data. */
export interface CaseOutcome {
  readonly id: string;
  readonly outcome: Outcome;
  /** Why, in one line; left out for those that pass. */
  readonly reason?: string;
  readonly durationMs: number;
  /** The last lines that its builds printed; kept where it did not pass. */
  readonly log: readonly string[];
}
