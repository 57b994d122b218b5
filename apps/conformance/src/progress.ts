import type { CaseResult, CorpusCase } from "@slipway/conformance";

export interface ProgressOptions {
  /** Cells that this call is going to build. */
  readonly total: number;
  readonly write: (text: string) => void;
  /** A terminal gets a line that is written over, with what goes on. */
  readonly isTerminal: boolean;
  readonly now: () => number;
}

/** Tells how a run goes: one line for each result, and on a terminal one for what is being built. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #started: number;
  readonly #running = new Set<string>();
  #done = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#started = options.now();
  }

  starts(item: CorpusCase, builder: string): void {
    this.#running.add(`${item.id} (${builder})`);
    this.#status();
  }

  ended(result: CaseResult): void {
    this.#running.delete(`${result.case} (${result.builder})`);
    this.#done += 1;
    this.#line(
      `${String(this.#done).padStart(String(this.#options.total).length)}/${this.#options.total}  ${result.builder.padEnd(7)} ${result.status.padEnd(16)} ${(result.durationMs / 1000).toFixed(1).padStart(5)} s  ${result.case}${whyOf(result)}`,
    );
    this.#status();
  }

  tell(text: string): void {
    this.#line(text);
  }

  /** Results per minute since the start. */
  get perMinute(): number {
    const minutes = (this.#options.now() - this.#started) / 60_000;
    return minutes === 0 ? 0 : Math.round((this.#done / minutes) * 10) / 10;
  }

  #line(text: string): void {
    this.#options.write(this.#options.isTerminal ? `\r\u001b[K${text}\n` : `${text}\n`);
  }

  #status(): void {
    if (!this.#options.isTerminal) return;
    const running = [...this.#running].join(", ").slice(0, 70);
    this.#options.write(
      `\r\u001b[K${this.#done}/${this.#options.total} · ${this.perMinute}/min · ${running}`,
    );
  }
}

function whyOf({ differences, error, reason, attempts }: CaseResult): string {
  const ids = differences.map(({ id }) => id);
  const more = ids.length > 3 ? ` and ${ids.length - 3} more` : "";
  const flaky = attempts === undefined ? "" : " (second try)";
  const why = ids.length > 0 ? `${ids.slice(0, 3).join(", ")}${more}` : (reason ?? error?.message ?? "");
  return `${why === "" ? "" : `  ${why.replace(/\s+/g, " ").slice(0, 160)}`}${flaky}`;
}
