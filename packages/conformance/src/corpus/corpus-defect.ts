import { BuildError } from "@slipway/core";

/** A mistake of whoever wrote the case: INVALID_CONFIG with the file, as `group/id/file`, and the cure. */
export function corpusDefect(file: string, cause: string, remedy: string, error?: unknown): BuildError {
  return new BuildError("INVALID_CONFIG", `${file}: ${cause}`, { remedy, details: { file }, cause: error });
}
