import type { StepResult } from "../hook-caller.ts";
import type { Conclusion } from "./job-state.ts";

export type RecordedStage = "prepare" | "pre" | "main" | "post" | "cleanup";

/** What one step, or one stage of it, came to. */
export interface StepRecord {
  readonly name: string;
  readonly stage: RecordedStage;
  readonly conclusion: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
  /** Why the runner's stand-in itself failed it, without the hook. */
  readonly error?: string;
  /** Absent where the hook was not called: skipped steps, composite actions. */
  readonly hook?: StepResult;
}

/** A job as it went, its steps in the order in which they ended. */
export interface JobRecord {
  readonly conclusion: Conclusion;
  readonly steps: readonly StepRecord[];
}
