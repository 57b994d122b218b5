import type { Clock } from "@slipway/core";

/** A clock that stands still but for sleeping, which takes no time. */
export class TestClock implements Clock {
  /** Every sleep, in milliseconds. */
  readonly sleeps: number[] = [];
  #now = Date.UTC(2030, 0, 1);

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    this.sleeps.push(milliseconds);
    this.advance(milliseconds);
    const timer = setImmediate(callback);
    return () => clearImmediate(timer);
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
