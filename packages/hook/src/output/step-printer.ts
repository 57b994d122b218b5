import type { StepOutput } from "./step-output.ts";
import { inertLine } from "./workflow-commands.ts";

const NEWLINE = 0x0a;

/**
 * Prints a program's output as it is, and notices of ours between its lines only: a line cut in two would be two for the runner, and the
 * second might be a command.
 */
export class StepPrinter {
  readonly #output: StepOutput;
  #notices: string[] = [];

  constructor(output: StepOutput) {
    this.#output = output;
  }

  async bytes(chunk: Buffer): Promise<void> {
    const lineEnd = this.#notices.length === 0 ? -1 : chunk.indexOf(NEWLINE) + 1;
    if (lineEnd <= 0) return this.#output.raw(chunk);
    await this.#output.raw(chunk.subarray(0, lineEnd));
    await this.end();
    await this.#output.raw(chunk.subarray(lineEnd));
  }

  /** Text that may quote somebody else's; shown at the next start of a line. */
  notice(text: string): void {
    this.#notices.push(inertLine(text));
    if (this.#output.atLineStart) void this.end();
  }

  /** The program prints no more. */
  async end(): Promise<void> {
    const notices = this.#notices;
    this.#notices = [];
    for (const notice of notices) await this.#output.line(notice);
  }
}
