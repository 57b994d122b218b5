import type { Clock } from "@slipway/core";

/** A clock that stands still until somebody says that the time is up, and then for good. */
export class ImpatientClock implements Clock {
  readonly #pending = new Set<() => void>();
  #over = false;

  now(): number {
    return 0;
  }

  after(_milliseconds: number, callback: () => void): () => void {
    if (this.#over) {
      const timer = setImmediate(callback);
      return () => clearImmediate(timer);
    }
    this.#pending.add(callback);
    return () => this.#pending.delete(callback);
  }

  readonly timeUp = (): void => {
    this.#over = true;
    const due = [...this.#pending];
    this.#pending.clear();
    for (const callback of due) callback();
  };

  /** For the next case. */
  wind(): void {
    this.#over = false;
  }
}
