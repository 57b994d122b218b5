/** Errors that no code waits for: they would end the process of a user. */
export class UnhandledErrors {
  #found: unknown[] = [];
  readonly #see = (error: unknown): void => {
    this.#found.push(error);
  };

  constructor() {
    process.on("unhandledRejection", this.#see);
    process.on("uncaughtException", this.#see);
  }

  /** Those that came since it was asked last. */
  take(): readonly unknown[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  stop(): void {
    process.off("unhandledRejection", this.#see);
    process.off("uncaughtException", this.#see);
  }
}
