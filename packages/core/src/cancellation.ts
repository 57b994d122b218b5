import { BuildError, isBuildError } from "./errors.ts";

/** What an aborted signal means: its own reason where that is a BuildError (such as TIMED_OUT), else CANCELLED. */
export function cancellation(signal: AbortSignal | undefined): BuildError {
  const reason: unknown = signal?.reason;
  if (isBuildError(reason)) return reason;
  return new BuildError("CANCELLED", "the work was cancelled", { cause: reason });
}

/** Throws what `cancellation` tells, when the signal has aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancellation(signal);
}
