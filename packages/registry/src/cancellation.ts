import { BuildError, isBuildError } from "@slipway/core";

/** What an aborted signal means: its own reason where that is a BuildError (such as TIMED_OUT), else CANCELLED. */
export function cancellation(signal: AbortSignal): BuildError {
  if (isBuildError(signal.reason)) return signal.reason;
  return new BuildError("CANCELLED", "the work with the registry was cancelled", { cause: signal.reason });
}
