import { BuildError, isBuildError } from "@slipway/core";

/** A mistake on the command line or in a file of the baseline: told before anything is started. */
export function usageError(message: string, remedy: string): BuildError {
  return new BuildError("INVALID_CONFIG", message, { remedy });
}

/** Also one in a file of the corpus, or a filter that leaves nothing. What goes wrong in a run is a result, and no error. */
export function isUsageError(error: unknown): boolean {
  return isBuildError(error) && (error.code === "INVALID_CONFIG" || error.code === "INVALID_REQUEST");
}
