import { elapsed } from "./elapsed.ts";

const HEARTBEAT_MS = 30_000;
const REFRESH_MS = 500;

export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What a running step may do: say where it is, or that there was nothing to do. */
export interface StepNotes {
  note(text: string): void;
  kept(): void;
}

interface Running {
  readonly label: string;
  readonly started: number;
  last: string;
  kept: boolean;
}

/**
 * Says what is being done: a line when a step starts and ends, and while steps run a live last line on a terminal,
 * or one line each 30 seconds elsewhere. Steps may run side by side.
 */
export class Progress {
  readonly #output: ProgressOutput;
  readonly #total: number;
  readonly #running = new Set<Running>();
  readonly #started = performance.now();
  #index = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(total: number, output: ProgressOutput) {
    this.#total = total;
    this.#output = output;
  }

  async step<T>(title: string, work: (notes: StepNotes) => Promise<T>): Promise<T> {
    this.#index += 1;
    const running: Running = {
      label: `[${this.#index}/${this.#total}] ${title}`,
      started: performance.now(),
      last: "",
      kept: false,
    };
    this.#begin(running);
    try {
      const result = await work({
        note: (text) => {
          running.last = text;
        },
        kept: () => {
          running.kept = true;
        },
      });
      this.#end(
        running,
        running.kept ? "there already" : `done in ${elapsed(performance.now() - running.started)}`,
      );
      return result;
    } catch (error) {
      this.#end(running, `FAILED after ${elapsed(performance.now() - running.started)}`);
      throw error;
    }
  }

  #begin(running: Running): void {
    this.#running.add(running);
    if (this.#output.isTTY !== true) this.#line(`${running.label} …`);
    this.#timer ??= setInterval(() => this.#tick(), this.#output.isTTY === true ? REFRESH_MS : HEARTBEAT_MS);
  }

  #end(running: Running, outcome: string): void {
    this.#running.delete(running);
    this.#line(`${running.label}: ${outcome}`);
    if (this.#running.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #line(text: string): void {
    this.#output.write(this.#output.isTTY === true ? `\r\u001b[K${text}\n` : `${text}\n`);
  }

  #tick(): void {
    const now = performance.now();
    const parts = [...this.#running].map(
      ({ label, started, last }) => `${label} ${elapsed(now - started)}${last && ` (${last})`}`,
    );
    const text = `${elapsed(now - this.#started)} · ${parts.join(" · ")}`;
    if (this.#output.isTTY !== true) this.#line(`  still at it: ${text}`);
    else this.#output.write(`\r\u001b[K${text.slice(0, (this.#output.columns ?? 100) - 1)}`);
  }
}
