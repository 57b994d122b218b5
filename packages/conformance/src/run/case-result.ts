import type { ErrorCode } from "@slipway/core";
import type { Difference } from "../compare/difference.ts";

/** How a case ended with a builder. `pass` and `pass-with-warning` alone count as passed; `unsupported` says so honestly, and counts as neither. */
export const STATUSES = {
  pass: "every fact is so",
  "pass-with-warning": "every fact is so, and the builder warned of something",
  differs: "it builds, and facts of the image are not so",
  "silently-ignored": "it builds as if the feature were not in the Dockerfile, without a word",
  unsupported: "refused before the build, with feature and line",
  fail: "it should build, and does not",
  "accepts-invalid":
    "it should fail, and builds; or it fails, and something was pushed; or it fails for another reason",
  crash: "the builder broke down: a panic, a kill, an error without a code",
  "foreign-digest": "it reports an image that is not the one in the registry",
  leftovers: "it ends as it should, and leaves something running behind",
  timeout: "it did not end in time",
  skipped: "not run, for the reason given",
  "harness-error": "the harness failed: nothing is known of the builder",
} as const;

export type Status = keyof typeof STATUSES;

/** One cell of the report: plain data, one line of JSON in the file of a run. */
export interface CaseResult {
  readonly case: string;
  /** The builder's id in this run, such as `kaniko`. */
  readonly builder: string;
  readonly status: Status;
  /** In what the image, or its end when run, is not as the case says. */
  readonly differences: readonly Difference[];
  /** In what the image is not like that of the reference builder, beyond what the case says. */
  readonly parity?: { readonly with: string; readonly differences: readonly Difference[] };
  readonly error?: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly remedy?: string;
    readonly line?: number;
  };
  /** Why it was skipped, or how the harness failed. */
  readonly reason?: string;
  /** Hash of the stream that the builder got as its context and Dockerfile: the same for every builder. */
  readonly contextSha256?: string;
  readonly digest?: string;
  /** The image, pinned, as pods name it; the registry need not keep it. */
  readonly image?: string;
  /** How the image ended when it was run. */
  readonly run?: { readonly exitCode: number; readonly output: string };
  /** What the builder warned of. */
  readonly warnings?: readonly string[];
  /** How often it was tried, where the first try was doubtful: a flaky cell says so. */
  readonly attempts?: number;
  readonly durationMs: number;
  /** The last lines that the build printed, secrets and control characters taken out. */
  readonly log: readonly string[];
}
