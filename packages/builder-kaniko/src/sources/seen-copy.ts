import { BuildError, type ContextCopy } from "@slipway/core";
import type { FoundSource } from "./found-sources.ts";

/** A COPY or ADD with what its sources are in the context. */
export interface SeenCopy extends ContextCopy {
  readonly found: readonly FoundSource[];
}

/** The refusal of an instruction by its line. */
export function unsupported(line: number, cause: string, remedy: string): BuildError {
  return new BuildError("UNSUPPORTED_FEATURE", cause, { remedy, details: { line } });
}
