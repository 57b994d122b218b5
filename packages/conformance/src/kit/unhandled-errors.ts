import { AsyncLocalStorage } from "node:async_hooks";

/** Errors that no code waits for: they would end the process of a user. Each is told of the case that it comes from. */
export class UnhandledErrors {
  readonly #origin = new AsyncLocalStorage<string>();
  readonly #found = new Map<string, unknown>();
  /** Of no case that is known, such as from what a module started when it was loaded. */
  readonly #stray: unknown[] = [];
  #last: string | undefined;
  readonly #see = (error: unknown): void => {
    const origin = this.#origin.getStore();
    if (origin === undefined) this.#stray.push(error);
    else if (!this.#found.has(origin)) this.#found.set(origin, error);
  };

  constructor() {
    process.on("unhandledRejection", this.#see);
    process.on("uncaughtException", this.#see);
  }

  /** Does the work of a case: what it starts is known by it, as long as any of it goes on. */
  during<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.#origin.run(id, work);
  }

  /** The first error of a case since it was asked last; else one of nobody, which is told rather of the wrong case than of none. */
  take(id: string): unknown {
    this.#last = id;
    const own = this.#found.get(id) ?? this.#stray.shift();
    this.#found.delete(id);
    return own;
  }

  /** Those that came when their case had ended; one of nobody is told of the last case. */
  late(): ReadonlyMap<string, unknown> {
    const [stray] = this.#stray;
    if (stray === undefined || this.#last === undefined) return this.#found;
    return new Map([[this.#last, stray], ...this.#found]);
  }

  stop(): void {
    process.off("unhandledRejection", this.#see);
    process.off("uncaughtException", this.#see);
  }
}
