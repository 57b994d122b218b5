import { BuildError } from "@slipway/core";

/** A mistake on the command line or in a file of the corpus or the baseline: told before anything is started. */
export function usageError(message: string, remedy: string): BuildError {
  return new BuildError("INVALID_CONFIG", message, { remedy });
}
