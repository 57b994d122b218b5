import type { BuildError } from "@slipway/core";

/** What one failed try means: the error to end with, and whether another try may help. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly error: BuildError;
  readonly next: "give-up" | "retry" | "reauthenticate";
  /** The server's own word on how long to wait, in milliseconds. */
  readonly waitMs: number | undefined;

  constructor(error: BuildError, next: ApiFailure["next"], waitMs?: number) {
    super(error.message, { cause: error });
    this.error = error;
    this.next = next;
    this.waitMs = waitMs;
  }
}
