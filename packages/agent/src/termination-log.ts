import { writeFileSync } from "node:fs";
import type { BuildError } from "@slipway/core";

/** Kubernetes cuts termination messages here (core/v1 Container, terminationMessagePath). */
export const MAX_TERMINATION_BYTES = 4096;

export const TERMINATION_LOG = "/dev/termination-log";

/** One line of JSON, short enough for a termination message whatever the error quotes. */
export function errorLine(error: BuildError): string {
  const { code, message, remedy } = error;
  const line = JSON.stringify({ error: { code, message, remedy } });
  if (Buffer.byteLength(line) <= MAX_TERMINATION_BYTES) return line;
  // JSON writes a character as up to six bytes; two texts of 300 characters always fit.
  const [short, cure] = [message.slice(0, 300), remedy?.slice(0, 300)];
  return JSON.stringify({ error: { code, message: `${short}…`, remedy: cure } });
}

/** Best effort: where a pod has no termination log, the exit code and standard error tell. */
export function writeTermination(path: string | undefined, text: string): void {
  try {
    writeFileSync(path ?? TERMINATION_LOG, text);
  } catch {
    // Nobody is left to be told.
  }
}
