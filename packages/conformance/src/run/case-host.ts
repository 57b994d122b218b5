import type { Digest, Feature, ImageBuilder, ResolveDigest } from "@slipway/core";
import type { Difference } from "../compare/difference.ts";
import type { CorpusCase, RunWanted } from "../corpus/corpus-case.ts";

/** A builder under test. */
export interface BuilderUnderTest {
  /** Its id in this run, such as `kaniko`. */
  readonly id: string;
  /** What the gate lets pass: what the builder declares or, when it is measured, everything. */
  readonly features: readonly Feature[];
  /** The builder for one build. `owner` is that build's alone, so that what it leaves behind is known as its own. */
  create(owner: string): ImageBuilder;
  /** Whether a printed line says that something was not done as asked. */
  isWarning?(line: string): boolean;
  /** Names of what is still running on behalf of an owner. */
  leftovers?(owner: string, signal: AbortSignal): Promise<readonly string[]>;
}

/** An image that was built, by a name that the host's `registry` understands. */
export interface BuiltReference {
  readonly destination: string;
  readonly digest: Digest;
}

/** How a container of the image ended. */
export interface ImageRun {
  readonly exitCode: number;
  /** What it printed to stdout and stderr, at most a mebibyte. */
  readonly output: string;
}

/** Runs an image by its digest. */
export type RunImage = (image: BuiltReference, wanted: RunWanted, signal: AbortSignal) => Promise<ImageRun>;

/** What is found in an image, held against a case. */
export interface ImageFindings {
  /** Defects of the image as such: wrong digests, sizes, archives. */
  readonly malformed: readonly Difference[];
  /** Facts that are not so. */
  readonly differences: readonly Difference[];
  /** It is the image of a builder that ignores the feature without a word. */
  readonly ignored: boolean;
}

/** The registry, from where the cases are run. */
export interface CaseRegistry {
  /** A destination that no other build has; `caseDestination` makes one. */
  destination(item: CorpusCase, builder: string): string;
  readonly resolveDigest: ResolveDigest;
  /** The tags in the repository of a destination. Asked for builds that were to fail, which have one of their own. */
  tags(destination: string, signal: AbortSignal): Promise<readonly string[]>;
  inspect(image: BuiltReference, item: CorpusCase, signal: AbortSignal): Promise<ImageFindings>;
}

/** Where cases run. */
export interface CaseHost {
  readonly registry: CaseRegistry;
  /** Left out: cases that are to be run are not, and say so. */
  readonly runImage?: RunImage;
  /** What stands for `{{name}}` in build arguments. */
  readonly values: Readonly<Record<string, string>>;
  /** Blanked out in logs and errors. */
  readonly secrets: readonly string[];
}
