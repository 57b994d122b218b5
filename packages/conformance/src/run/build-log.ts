import { stripVTControlCharacters } from "node:util";
import type { Difference } from "../compare/difference.ts";

const MAX_LINES = 200;
const MAX_LINE_LENGTH = 2_000;
const MAX_WARNINGS = 20;

export interface BuildLogOptions {
  /** Texts to look for, in any order: what a step prints on its standard output and error comes on two ways, of which either may be the quicker. */
  readonly wanted?: readonly string[];
  readonly isWarning?: (line: string) => boolean;
}

/** What a build printed, in bounded memory however much that is: its last lines, its first warnings, and which texts came by. */
export class BuildLog {
  readonly #options: BuildLogOptions;
  readonly #missing: Set<string>;
  readonly #warnings: string[] = [];
  #lines: string[] = [];
  #count = 0;

  constructor(options: BuildLogOptions = {}) {
    this.#options = options;
    this.#missing = new Set(options.wanted);
  }

  add(line: string): void {
    const text = printable(line);
    this.#count += 1;
    for (const one of this.#missing) if (text.includes(one)) this.#missing.delete(one);
    if (this.#warnings.length < MAX_WARNINGS && this.#options.isWarning?.(text) === true)
      this.#warnings.push(text);
    this.#lines.push(text);
    if (this.#lines.length > 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** The last lines; the first of them says how many came before. */
  get lines(): readonly string[] {
    const kept = this.#lines.slice(-MAX_LINES);
    const left = this.#count - kept.length;
    return left === 0 ? kept : [`… ${left} lines before these`, ...kept];
  }

  get differences(): readonly Difference[] {
    return [...this.#missing].map((text) => ({
      id: `log:${text}`,
      expected: `the build prints ${JSON.stringify(text)}`,
      actual: "it does not",
    }));
  }
}

/** Cut before it is looked at: a line may have a mebibyte. */
function printable(line: string): string {
  const plain = stripVTControlCharacters(line.slice(0, MAX_LINE_LENGTH));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  const clean = plain.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, "");
  return line.length > MAX_LINE_LENGTH ? `${clean} …` : clean;
}
