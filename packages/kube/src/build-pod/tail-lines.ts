const MAX_LINES = 200;
const MAX_NOTABLE_LINES = 50;
const MAX_LINE_BYTES = 2_000;

interface Line {
  readonly number: number;
  readonly text: string;
}

/** Remembers the last lines of an output, however long it gets, and the last of those before that are notable. */
export class TailLines {
  readonly #isNotable: (line: string) => boolean;
  readonly #last: Line[] = [];
  readonly #notable: Line[] = [];
  #count = 0;

  constructor(isNotable: (line: string) => boolean) {
    this.#isNotable = isNotable;
  }

  add(bytes: Buffer): void {
    // Cut before it is decoded: a slice of a string keeps the whole of it, and lines may have a mebibyte.
    const line = { number: this.#count, text: bytes.toString("utf8", 0, MAX_LINE_BYTES) };
    this.#count += 1;
    keep(this.#last, line, MAX_LINES);
    if (this.#isNotable(line.text)) keep(this.#notable, line, MAX_NOTABLE_LINES);
  }

  get lines(): readonly string[] {
    const last = this.#last.slice(-MAX_LINES);
    const first = last[0]?.number ?? 0;
    const notable = this.#notable.slice(-MAX_NOTABLE_LINES).filter(({ number }) => number < first);
    return [...notable, ...last].map(({ text }) => text);
  }
}

function keep(lines: Line[], line: Line, most: number): void {
  lines.push(line);
  if (lines.length > 2 * most) lines.splice(0, lines.length - most);
}
