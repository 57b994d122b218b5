import { type Clock, systemClock } from "@slipway/core";

/** How a build ended, or that it did not. */
export type Settled<T> = { readonly value: T } | { readonly error: unknown } | "hanging";

export interface SettleOptions {
  /** Milliseconds; then `signal` aborts with a TimeoutError. */
  readonly limitMs: number;
  /** Milliseconds that work may go on after it was told to stop. */
  readonly graceMs: number;
  /** The caller's. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** Lets work go on for a time. Work that does not stop when it is told to is left alone: nobody waits for it. */
export async function settledInTime<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: SettleOptions,
): Promise<Settled<T>> {
  const { limitMs, graceMs, clock = systemClock } = options;
  const limit = new AbortController();
  const signal = AbortSignal.any([options.signal, limit.signal]);
  const stopLimit = clock.after(limitMs, () =>
    limit.abort(new DOMException(`not done after ${limitMs / 1000} s`, "TimeoutError")),
  );
  let stopGrace = () => {};
  const hanging = new Promise<"hanging">((resolve) => {
    const wait = () => {
      stopGrace = clock.after(graceMs, () => resolve("hanging"));
    };
    if (signal.aborted) wait();
    else signal.addEventListener("abort", wait, { once: true });
  });
  const settled = work(signal).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  try {
    return await Promise.race([settled, hanging]);
  } finally {
    stopLimit();
    stopGrace();
  }
}
