const MAX_LINES = 200;
const MAX_LINE_LENGTH = 2_000;

/** Remembers the last lines of an output, however long it gets. */
export class TailLines {
  readonly #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line.slice(0, MAX_LINE_LENGTH));
    if (this.#lines.length > 2 * MAX_LINES) this.#lines.splice(0, this.#lines.length - MAX_LINES);
  }

  get lines(): readonly string[] {
    return this.#lines.slice(-MAX_LINES);
  }
}
