import type { Clock } from "../clock.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until the test moves it; or, with `running`, one that jumps to the next timer whenever nothing else happens. */
export class ManualClock implements Clock {
  #now = Date.parse("2026-01-01T00:00:00Z");
  readonly #timers = new Set<Timer>();
  #jump: NodeJS.Timeout | undefined;
  readonly #running: boolean;
  readonly #quietMs: number;

  /** `quietMs`: real milliseconds without a new timer before the clock jumps. */
  constructor(options: { readonly running?: boolean; readonly quietMs?: number } = {}) {
    this.#running = options.running ?? false;
    this.#quietMs = options.quietMs ?? 20;
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
    if (!this.#running) return;
    clearTimeout(this.#jump);
    this.#jump = setTimeout(() => {
      const timer = this.#next();
      if (timer !== undefined) this.advance(timer.at - this.#now);
      if (this.#timers.size > 0) this.#schedule();
    }, this.#quietMs);
  }
}
