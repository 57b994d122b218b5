import { BuildError, type Clock, cancellation, type Logger, sleep, throwIfCancelled } from "@slipway/core";
import { ApiFailure } from "./api-failure.ts";

export interface RetryScope {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal?: AbortSignal | undefined;
  /** From the first try to the start of the last, in milliseconds. */
  readonly budgetMs: number;
  /** What is tried, for the debug log. */
  readonly what: string;
  /** Gets new credentials; called at most once. */
  reauthenticate(): Promise<void>;
  /** Told why, when the tries take so long that somebody who looks on should know; perhaps several times. */
  onOutage(reason: string): void;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;
/** A wait that nobody needs to be told of. */
const QUIET_MS = 10_000;

/** Tries until success, a failure that no further try can cure, or the end of the budget. Rejects with a BuildError. */
export async function withRetries<T>(scope: RetryScope, attempt: (tries: number) => Promise<T>): Promise<T> {
  const started = scope.clock.now();
  let reauthenticated = false;
  for (let tries = 1; ; tries += 1) {
    throwIfCancelled(scope.signal);
    try {
      return await attempt(tries);
    } catch (error) {
      if (scope.signal?.aborted === true) throw cancellation(scope.signal);
      if (!(error instanceof ApiFailure)) throw error;
      if (error.next === "reauthenticate" && !reauthenticated) {
        reauthenticated = true;
        await scope.reauthenticate();
        continue;
      }
      if (error.next !== "retry") throw error.error;
      await waitForNextTry(scope, error, { tries, started });
    }
  }
}

async function waitForNextTry(
  scope: RetryScope,
  failure: ApiFailure,
  past: { readonly tries: number; readonly started: number },
): Promise<void> {
  const wait = failure.waitMs ?? backoff(past.tries);
  const spent = scope.clock.now() - past.started;
  if (spent + wait > scope.budgetMs) throw exhausted(failure.error, past.tries, spent);
  scope.logger.debug(`${scope.what}: ${failure.message}; try ${past.tries + 1} in ${Math.round(wait)} ms`);
  if (spent + wait > QUIET_MS) scope.onOutage(failure.message);
  await sleep(scope.clock, wait, scope.signal);
}

/** Exponential with full jitter, so that many runners that lost the same server do not return in step. */
function backoff(tries: number): number {
  return Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
}

function exhausted(last: BuildError, tries: number, spentMs: number): BuildError {
  const message = `${last.message} (${tries} tries in ${Math.round(spentMs / 1000)} s)`;
  const options = { remedy: last.remedy, details: last.details, cause: last.cause ?? last };
  return new BuildError(last.code, message, options);
}
