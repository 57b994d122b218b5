import type { StepExit } from "@slipway/step-protocol";
import { OutputBuffer } from "./output-buffer.ts";
import type { ProgramStart, RunningProgram, SupervisorLink } from "./supervisor-link.ts";

/** What is told of a program that was cancelled before it ran: as if SIGINT had ended it. */
const CANCELLED: StepExit = { exitCode: 130 };

/** One step: its program runs at most once, however many connections ask for it. */
export class StepRun {
  readonly id: string;
  readonly output = new OutputBuffer();
  /** How the program ended; rejects where the job container was lost. Settles once the output is complete. */
  readonly exited: Promise<StepExit>;
  readonly #settle: (exit: StepExit | Promise<StepExit>) => void;
  #program: RunningProgram | undefined;
  #over = false;

  constructor(id: string) {
    this.id = id;
    let settle: (exit: StepExit | Promise<StepExit>) => void = () => undefined;
    this.exited = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
    // The session that asks is told; often there is none at the time.
    this.exited.catch(() => undefined);
  }

  /** Neither started nor cancelled: files from the runner may still come. */
  get isNew(): boolean {
    return this.#program === undefined && !this.#over;
  }

  /** Has no effect on a step that is not new. */
  start(link: SupervisorLink, program: Omit<ProgramStart, "id">): void {
    if (!this.isNew) return;
    this.#program = link.start({ ...program, id: this.id }, (chunk) => this.output.append(chunk));
    const { exited } = this.#program;
    const end = () => this.#end(exited);
    exited.then(end, end);
  }

  cancel(): void {
    if (this.#program !== undefined) this.#program.cancel();
    else if (!this.#over) this.#end(CANCELLED);
  }

  /** Settles when nothing of it runs any more. What it printed is forgotten. */
  async kill(): Promise<void> {
    this.output.drop();
    if (this.#program === undefined) this.cancel();
    else if (!this.#over) this.#program.kill();
    await this.exited.catch(() => undefined);
  }

  #end(exit: StepExit | Promise<StepExit>): void {
    this.#over = true;
    this.output.end();
    this.#settle(exit);
  }
}
