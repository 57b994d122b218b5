import type { Writable } from "node:stream";
import { workflowCommand } from "./workflow-commands.ts";

/**
 * The way to the runner's log: stdout, in order, with back-pressure. A reader that has gone away is no reason to fail here: the
 * runner that closed the pipe is about to kill us, and pods have to be deleted first.
 */
export class StepOutput {
  readonly #stream: Writable;
  #broken = false;
  #atLineStart = true;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", () => {
      this.#broken = true;
    });
  }

  /** One line of ours. Starts a new line if a step has left one open. */
  async line(text: string): Promise<void> {
    const prefix = this.#atLineStart ? "" : "\n";
    this.#atLineStart = true;
    await this.#write(`${prefix}${text}\n`);
  }

  /** Bytes of a step, as they are. */
  async bytes(chunk: Buffer, endsLine: boolean): Promise<void> {
    this.#atLineStart = endsLine;
    await this.#write(endsLine ? Buffer.concat([chunk, NEWLINE]) : chunk);
  }

  /** Bytes of a step with their own line ends. */
  async raw(chunk: Buffer): Promise<void> {
    if (chunk.length === 0) return;
    this.#atLineStart = chunk.at(-1) === NEWLINE[0];
    await this.#write(chunk);
  }

  /** Whether what was printed so far ended its line. */
  get atLineStart(): boolean {
    return this.#atLineStart;
  }

  /** Has the runner hide these from here on. Must come before anything that could contain them. */
  async mask(secrets: readonly string[]): Promise<void> {
    for (const secret of secrets) await this.line(workflowCommand("add-mask", secret));
  }

  /** Resolves when everything written so far has left the process. */
  async flush(): Promise<void> {
    await this.#write("");
  }

  #write(chunk: string | Buffer): Promise<void> {
    if (this.#broken || this.#stream.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#stream.write(chunk, () => resolve());
    });
  }
}

const NEWLINE = Buffer.from("\n");
