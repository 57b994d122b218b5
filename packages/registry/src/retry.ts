import { BuildError, type Clock, sleep, throwIfCancelled } from "@slipway/core";

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;

export interface RetryPolicy {
  readonly clock: Clock;
  /** From 0 to 1: the jitter. */
  readonly random: () => number;
  /** From the first attempt, or from the last one that made progress. */
  readonly budgetMs: number;
  readonly maxAttempts: number;
}

export interface TransientOptions {
  /** What the server asked for with Retry-After. */
  readonly retryAfterMs?: number | undefined;
  /** Fewer attempts than the policy has, for failures that rarely pass. */
  readonly maxAttempts?: number;
}

/** A failure that may pass. Never leaves this package: `error` does, once the budget is spent. */
export class TransientFailure extends Error {
  readonly error: BuildError;
  readonly options: TransientOptions;

  constructor(error: BuildError, options: TransientOptions = {}) {
    super(error.message, { cause: error });
    this.error = error;
    this.options = options;
  }
}

/** Repeats `attempt` while it rejects with a TransientFailure; `progressed` starts the count and the budget anew. */
export async function retrying<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  attempt: (progressed: () => void) => Promise<T>,
): Promise<T> {
  let failures = 0;
  let started = policy.clock.now();
  const progressed = () => {
    failures = 0;
    started = policy.clock.now();
  };
  for (;;) {
    throwIfCancelled(signal);
    try {
      return await attempt(progressed);
    } catch (failure) {
      if (!(failure instanceof TransientFailure)) throw failure;
      failures += 1;
      const delay = delayAfter(failure, failures, policy.random);
      const spent = policy.clock.now() + delay - started > policy.budgetMs;
      if (spent || failures >= Math.min(policy.maxAttempts, failure.options.maxAttempts ?? Infinity))
        throw exhausted(failure, failures);
      await sleep(policy.clock, delay, signal);
    }
  }
}

function delayAfter(failure: TransientFailure, failures: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
  return Math.max(failure.options.retryAfterMs ?? 0, ceiling * random());
}

function exhausted({ error }: TransientFailure, attempts: number): BuildError {
  if (attempts === 1) return error;
  const { remedy, details, cause } = error;
  return new BuildError(error.code, `${error.message}, in each of ${attempts} attempts`, {
    remedy,
    details,
    cause,
  });
}

/** Milliseconds that a Retry-After header asks for: seconds or an HTTP date (RFC 9110 §10.2.3). */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  if (header.trim() !== "" && Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
