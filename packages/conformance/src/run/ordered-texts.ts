/** Looks for texts in an order, in lines that come one after the other. Several may be in one line. */
export class OrderedTexts {
  readonly #wanted: readonly string[];
  #found = 0;

  constructor(wanted: readonly string[]) {
    this.#wanted = wanted;
  }

  see(line: string): void {
    let from = 0;
    for (let next = this.#wanted[this.#found]; next !== undefined; next = this.#wanted[this.#found]) {
      const at = line.indexOf(next, from);
      if (at < 0) return;
      from = at + next.length;
      this.#found += 1;
    }
  }

  /** Those that did not come, from the first that did not. */
  get missing(): readonly string[] {
    return this.#wanted.slice(this.#found);
  }
}
