import { BuildError } from "@slipway/core";
import {
  type BeginRequest,
  decodeClientMessage,
  FRAME,
  type Frame,
  type SessionRequest,
  type StepRequest,
  toWireError,
  treeFrames,
} from "@slipway/step-protocol";
import { Bell } from "./bell.ts";
import type { Job } from "./job.ts";
import type { SessionConnection } from "./session-connection.ts";
import type { StepRun } from "./step-run.ts";

/** Answers one request. Settles when the session is over, for whatever reason; the other end was told where it is still there. */
export async function runSession(
  request: SessionRequest,
  connection: SessionConnection,
  job: Job,
): Promise<void> {
  try {
    await new Session(connection, job).answer(request);
    await connection.send({ kind: "done" });
  } catch (error) {
    await refuse(connection, error);
  }
  connection.end();
}

/** Tells why there is no more; where the other end is gone, nobody. */
export async function refuse(connection: SessionConnection, error: unknown): Promise<void> {
  if (connection.signal.aborted) return;
  await connection.send({ kind: "failed", error: toWireError(error) }).catch(() => undefined);
}

class Session {
  readonly #connection: SessionConnection;
  readonly #job: Job;
  readonly #applied = new Bell();
  /** Whether something is to come from the hook: then its end is the end of the session. */
  #needsHook = true;

  constructor(connection: SessionConnection, job: Job) {
    this.#connection = connection;
    this.#job = job;
  }

  async answer(request: SessionRequest): Promise<void> {
    switch (request.kind) {
      case "begin":
        return this.#begin(request);
      case "put":
        return this.#receive();
      case "collect":
        return this.#whileListening(() => this.#giveBack(request.back));
      case "step":
        return this.#step(request);
    }
  }

  async #begin(request: BeginRequest): Promise<void> {
    const facts = await this.#connection.whileOpen(this.#job.begin(request));
    await this.#connection.send({ kind: "begun", facts });
    if (request.files) await (this.#job.hasRun ? this.#drop() : this.#receive());
    this.#job.startMain();
  }

  async #step(request: StepRequest): Promise<void> {
    const step = await this.#connection.whileOpen(this.#job.step(request.id));
    step.output.assertHas(request.offset);
    step.output.release(request.offset);
    if (request.files) await this.#receiveFor(step);
    await this.#whileListening(() => this.#run(step, request), step);
  }

  async #run(step: StepRun, { command, offset, back }: StepRequest): Promise<void> {
    await this.#connection.whileOpen(this.#job.start(step, command));
    const { signal } = this.#connection;
    for await (const piece of step.output.from(offset, signal)) await this.#connection.sendOutput(piece);
    const exit = await this.#connection.whileOpen(step.exited);
    await this.#connection.send({ kind: "exit", exit });
    await this.#giveBack(back);
  }

  /** Sends what changed, and counts it as known when the hook has it in place. */
  async #giveBack(back: readonly string[]): Promise<void> {
    if (back.length > 0) {
      const changes = this.#job.work().changes(back);
      const applied = this.#applied.wait();
      await this.#connection.sendTree(changes.stream);
      await this.#connection.whileOpen(applied);
      changes.confirm();
    }
    this.#needsHook = false;
  }

  async #receive(): Promise<void> {
    await this.#job.take(treeFrames(this.#connection.reader));
    await this.#connection.send({ kind: "received" });
  }

  /** The files of a step: only one that is new takes them. One that runs has changed them since. */
  async #receiveFor(step: StepRun): Promise<void> {
    if (!step.isNew) return this.#drop(step);
    const onMessage = (frame: Frame) => {
      this.#hear(frame, step);
      if (!step.isNew) throw cancelled();
    };
    try {
      await this.#job.take(treeFrames(this.#connection.reader, onMessage));
    } catch (error) {
      // The rest of the files may never come.
      if (!step.isNew) return;
      throw error;
    }
    await this.#connection.send({ kind: "received" });
  }

  /** Reads files that are in place already. */
  async #drop(step?: StepRun): Promise<void> {
    const frames = treeFrames(this.#connection.reader, (frame) => this.#hear(frame, step));
    for await (const _ of frames);
    await this.#connection.send({ kind: "received" });
  }

  /** Hears what the hook says meanwhile. Rejects at once when that cannot be understood. */
  async #whileListening(action: () => Promise<void>, step?: StepRun): Promise<void> {
    const broken = new Promise<never>((_resolve, reject) => {
      this.#hearAll(step).catch(reject);
    });
    const acting = action();
    acting.catch(() => undefined);
    await Promise.race([acting, broken]);
  }

  async #hearAll(step: StepRun | undefined): Promise<void> {
    for (
      let frame = await this.#connection.next();
      frame !== undefined;
      frame = await this.#connection.next()
    ) {
      // Files that were on their way when a cancel overtook them.
      if (frame.kind !== FRAME.tree && frame.kind !== FRAME.treeEnd) this.#hear(frame, step);
    }
    if (this.#needsHook) this.#connection.abandon();
  }

  #hear(frame: Frame, step: StepRun | undefined): void {
    const message = decodeClientMessage(frame);
    if (message.kind === "cancel") step?.cancel();
    else if (message.kind === "printed") step?.output.release(message.offset);
    else this.#applied.ring();
  }
}

function cancelled(): BuildError {
  return new BuildError("CANCELLED", "The step was cancelled while its files were on their way");
}
