import type { Clock } from "@slipway/core";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Virtual milliseconds per real one that a running clock may pass at most: time for real sockets to do their part. */
const FASTEST = 300;
const SHORTEST_QUIET_MS = 5;

/**
 * A clock that stands still until the test moves it; or, with `running`, one that jumps to the next timer when nothing was timed for a
 * while, the longer the farther the jump: waits between tries pass at once, while a time limit is not hit by an answer on its way.
 */
export class ManualClock implements Clock {
  #now = Date.parse("2026-01-01T00:00:00Z");
  readonly #timers = new Set<Timer>();
  #jump: NodeJS.Timeout | undefined;
  readonly #running: boolean;

  constructor(options: { readonly running?: boolean } = {}) {
    this.#running = options.running ?? false;
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.add(timer);
    this.#schedule();
    return () => {
      this.#timers.delete(timer);
      this.#schedule();
    };
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Moves on, and calls every timer that becomes due, in order. */
  advance(milliseconds: number): void {
    const until = this.#now + milliseconds;
    for (let timer = this.#next(until); timer !== undefined; timer = this.#next(until)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.callback();
    }
    this.#now = until;
  }

  #next(until = Number.POSITIVE_INFINITY): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= until);
    return due.sort((a, b) => a.at - b.at)[0];
  }

  #schedule(): void {
    clearTimeout(this.#jump);
    const next = this.#running ? this.#next() : undefined;
    if (next === undefined) return;
    const quietMs = Math.max(SHORTEST_QUIET_MS, (next.at - this.#now) / FASTEST);
    this.#jump = setTimeout(() => {
      this.advance(next.at - this.#now);
      this.#schedule();
    }, quietMs);
  }
}
