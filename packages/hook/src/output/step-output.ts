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
  /** Lines of ours that a step's open line holds up. */
  readonly #waiting: string[] = [];

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", () => {
      this.#broken = true;
    });
  }

  /** One line of ours. Starts a new line if a step has left one open. */
  async line(text: string): Promise<void> {
    await this.#tellWaiting();
    await this.#ownLine(text);
  }

  async #ownLine(text: string): Promise<void> {
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
    const lineEnd = this.#waiting.length === 0 ? 0 : chunk.indexOf(NEWLINE) + 1;
    if (lineEnd > 0) {
      await this.#rawPart(chunk.subarray(0, lineEnd));
      await this.#tellWaiting();
    }
    await this.#rawPart(chunk.subarray(lineEnd));
  }

  /**
   * A line of ours while a step prints: it waits for the end of the line that the step has open. Cut in two that line would be two for the
   * runner, and the second might be a command.
   */
  async between(text: string): Promise<void> {
    this.#waiting.push(text);
    if (this.#atLineStart) await this.#tellWaiting();
  }

  /** Has the runner hide these from here on. Must come before anything that could contain them. */
  async mask(secrets: readonly string[]): Promise<void> {
    for (const secret of secrets) await this.line(workflowCommand("add-mask", secret));
  }

  /** Resolves when everything written so far has left the process. */
  async flush(): Promise<void> {
    await this.#tellWaiting();
    await this.#write("");
  }

  async #tellWaiting(): Promise<void> {
    for (const text of this.#waiting.splice(0)) await this.#ownLine(text);
  }

  async #rawPart(part: Buffer): Promise<void> {
    if (part.length === 0) return;
    this.#atLineStart = part.at(-1) === NEWLINE[0];
    await this.#write(part);
  }

  #write(chunk: string | Buffer): Promise<void> {
    if (this.#broken || this.#stream.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#stream.write(chunk, () => resolve());
    });
  }
}

const NEWLINE = Buffer.from("\n");
