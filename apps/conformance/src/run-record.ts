import type { CaseResult, CorpusCase, Status } from "@slipway/conformance";
import type { Feature } from "@slipway/core";

/** All that a run found: what every report is made of. Plain data. */
export interface RunRecord {
  /** Version of this program. */
  readonly tool: string;
  /** SHA-256 of the whole corpus, in hex: reports of the same digest can be compared and merged. */
  readonly corpusDigest: string;
  /** How many cases the whole corpus has: more than `cases` where the run was narrowed by filters or a shard. */
  readonly corpusCases: number;
  /** When the run began: ISO 8601. */
  readonly date: string;
  /** Of all parts, where the run was resumed. */
  readonly durationMs: number;
  /** Results per minute of all parts. */
  readonly casesPerMinute: number;
  /** Version of the cluster, such as `v1.34.4`. */
  readonly kubernetes: string;
  /** The command line, to reproduce it, but for where it is written. */
  readonly arguments: readonly string[];
  /** The gate let everything pass: what the builders do is measured, and the report is not one to publish. */
  readonly probe: boolean;
  /** Every cell that was asked for has a result that tells of the builder. */
  readonly complete: boolean;
  readonly builders: readonly BuilderRecord[];
  readonly cases: readonly CorpusCase[];
  readonly results: readonly CaseResult[];
  /** Of every cell that was asked for, those without a result as well. */
  readonly verdicts: readonly CellVerdict[];
  /** Entries of the lists of known differences that no longer hold. */
  readonly waivers: readonly WaiverProblem[];
}

export interface BuilderRecord {
  /** Unique in the run, such as `kaniko`. */
  readonly id: string;
  readonly implementation: string;
  readonly version: string;
  /** The image with which it builds, by digest where there is one. */
  readonly image: string;
  /** Name of the settings with which it ran, such as `default`. */
  readonly profile: string;
  /** What it says of itself. */
  readonly features: readonly Feature[];
}

/** What the list of known differences says of a result. */
export const VERDICTS = {
  expected: "as it should be: passed, or refused for a feature that the builder does not declare",
  known: "a known difference, with its reason",
  regression: "not passed, and nobody has explained it",
  "unexpected-pass": "passed, though a known difference is on the list",
  incomplete: "nothing is known of the builder: not run, or the harness failed",
} as const;

export type VerdictName = keyof typeof VERDICTS;

export interface CellVerdict {
  readonly case: string;
  readonly builder: string;
  readonly verdict: VerdictName;
  /** The entry of the list, for `known` and `unexpected-pass`. */
  readonly known?: KnownDifference;
}

/** One entry of `known-differences/<builder>.yaml`. */
export interface KnownDifference {
  readonly case: string;
  readonly builder: string;
  /** Versions of the builder for which it holds, such as ">=1.24 <1.29"; every one when left out. */
  readonly versions?: string;
  readonly expect: Status;
  /** All ids of the result, exactly. */
  readonly differences: readonly string[];
  readonly reason: string;
  /** Where it can be seen: a file and function of the builder, a line of its log. */
  readonly evidence: string;
  readonly issue?: string;
  readonly added: string;
  /** Day after which the entry no longer counts: ISO 8601. */
  readonly expires: string;
}

export interface WaiverProblem {
  readonly entry: KnownDifference;
  readonly problem: "expired" | "unused" | "unmatched";
  readonly message: string;
}
