import { BuildError } from "../errors.ts";

/** A Dockerfile that Docker refuses too: INVALID_REQUEST with the line, counted from 1. */
export function dockerfileDefect(line: number, cause: string, remedy: string): BuildError {
  return new BuildError("INVALID_REQUEST", `Line ${line} of the Dockerfile: ${cause}`, {
    remedy,
    details: { line },
  });
}
