import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { basename, join } from "node:path";
import { BuildError } from "@slipway/core";
import type { JobContainerFacts, StepCommand, StepExit } from "@slipway/step-protocol";
import { jsonLine, readJsonLines } from "../supervise/json-lines.ts";
import { checkedReport, MAX_REPORT_BYTES, type SupervisorOrder } from "../supervise/supervisor-messages.ts";
import { OutputFifo } from "./output-fifo.ts";

/** A program in the job container. */
export interface RunningProgram {
  /** Resolves after its output was delivered; rejects when the job container is lost, or `onOutput` rejects. */
  readonly exited: Promise<StepExit>;
  /** SIGINT to it and its descendants, SIGTERM after 2 s, SIGKILL after 3.5 s. */
  cancel(): void;
  /** SIGKILL to it and its descendants. */
  kill(): void;
}

/** What to start. The id names it once: two starts have different ids. */
export interface ProgramStart extends StepCommand {
  readonly id: string;
}

/** The side of `serve` of the connection to `supervise`, which runs in the job container and is not trusted. */
export interface SupervisorLink {
  /** Resolves when `supervise` has connected. */
  readonly facts: Promise<JobContainerFacts>;
  /** Resolves when the connection of a supervisor that was there is gone. */
  readonly lost: Promise<BuildError>;
  /** `onOutput` is awaited: while it takes its time, the program waits. */
  start(command: ProgramStart, onOutput: (chunk: Buffer) => void | Promise<void>): RunningProgram;
  /** The program of the container itself, beside the steps. It prints to the container's log, and nobody waits for it. */
  startBeside(command: ProgramStart): void;
  close(): void;
}

export interface SupervisorLinkOptions {
  /** The path to listen on: in a folder that the job container sees, as `io/supervisor.sock` of the folder of the runtime. */
  readonly socket: string;
  /** Where the pipes for output are made: the folder of the socket. */
  readonly folder: string;
}

/** Listens for `supervise`. The first one counts; nobody else gets in, not even after it. */
export async function listenForSupervisor({
  socket,
  folder,
}: SupervisorLinkOptions): Promise<SupervisorLink> {
  mkdirSync(folder, { recursive: true });
  rmSync(socket, { force: true });
  const link = new Link(folder);
  const server = createServer((connection) => void link.accept(connection));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(socket, resolve);
  });
  // The job container's user may be any.
  chmodSync(socket, 0o666);
  link.closeWith(server);
  return link;
}

class Link implements SupervisorLink {
  readonly facts: Promise<JobContainerFacts>;
  readonly lost: Promise<BuildError>;
  readonly #folder: string;
  readonly #ends = new Map<string, (exit: StepExit) => void>();
  readonly #pipes = new Set<OutputFifo>();
  #isHere: (facts: JobContainerFacts) => void = () => undefined;
  #isGone: (error: BuildError) => void = () => undefined;
  #connection: Socket | undefined;
  #loss: BuildError | undefined;
  #server: Server | undefined;
  #spare: Promise<OutputFifo> | undefined;
  #count = 0;
  #isClosed = false;

  constructor(folder: string) {
    this.#folder = folder;
    this.facts = new Promise((resolve) => {
      this.#isHere = resolve;
    });
    this.lost = new Promise((resolve) => {
      this.#isGone = resolve;
    });
  }

  closeWith(server: Server): void {
    this.#server = server;
  }

  async accept(connection: Socket): Promise<void> {
    connection.on("error", () => undefined);
    if (this.#connection !== undefined) {
      connection.destroy();
      return;
    }
    this.#connection = connection;
    let cause: unknown;
    try {
      for await (const line of readJsonLines(connection, MAX_REPORT_BYTES)) this.#take(line);
    } catch (error) {
      cause = error;
    }
    connection.destroy();
    this.#loss = new BuildError("POD_LOST", "The job container has ended", {
      remedy: "See in the pod's status what ended it; a container without memory left is one reason",
      cause,
    });
    this.#isGone(this.#loss);
  }

  start(start: ProgramStart, onOutput: (chunk: Buffer) => void | Promise<void>): RunningProgram {
    const { id } = start;
    const started = this.#start(start);
    const exited = started.then(({ pipe, ended }) => this.#exited(id, pipe, ended, onOutput));
    // Whoever asks gets the error; nobody need ask.
    exited.catch(() => undefined);
    const order = (kind: "cancel" | "kill") => () =>
      void started.then(
        () => this.#send({ kind, id }),
        () => undefined,
      );
    return { exited, cancel: order("cancel"), kill: order("kill") };
  }

  startBeside({ id, ...command }: ProgramStart): void {
    void this.facts.then(() => this.#send({ kind: "start", id, command }));
  }

  close(): void {
    this.#isClosed = true;
    this.#server?.close();
    this.#connection?.destroy();
    for (const pipe of this.#pipes) pipe.close();
  }

  async #start({ id, ...command }: ProgramStart) {
    if (this.#loss !== undefined) throw this.#loss;
    await Promise.race([this.facts, this.#lostAsRejection()]);
    const pipe = await this.#pipe();
    const ended = new Promise<StepExit>((resolve) => this.#ends.set(id, resolve));
    this.#send({ kind: "start", id, command, output: basename(pipe.path) });
    return { pipe, ended };
  }

  /** One is made ahead: to make it takes another process. */
  async #pipe(): Promise<OutputFifo> {
    const pipe = this.#spare ?? this.#makePipe();
    this.#spare = this.#makePipe();
    // Told to the step that takes it.
    this.#spare.catch(() => undefined);
    return pipe;
  }

  async #makePipe(): Promise<OutputFifo> {
    this.#count += 1;
    const pipe = await OutputFifo.make(join(this.#folder, `out-${this.#count}`));
    this.#pipes.add(pipe);
    void pipe.closed.then(() => this.#pipes.delete(pipe));
    if (this.#isClosed) pipe.close();
    return pipe;
  }

  async #exited(
    id: string,
    pipe: OutputFifo,
    ended: Promise<StepExit>,
    onOutput: (chunk: Buffer) => void | Promise<void>,
  ): Promise<StepExit> {
    const exitOrLoss = Promise.race([ended, this.#lostAsRejection()]);
    try {
      await pipe.deliver(onOutput, exitOrLoss);
      return await exitOrLoss;
    } catch (error) {
      this.#send({ kind: "kill", id });
      throw error;
    } finally {
      this.#ends.delete(id);
    }
  }

  #take(line: unknown): void {
    const report = checkedReport(line);
    if (report === undefined) {
      throw new BuildError("INTERNAL", "The job container sent what is no report", {
        remedy: "Let nothing in the job container write to Slipway's socket",
      });
    }
    if (report.kind === "here") this.#isHere(report.facts);
    else this.#ends.get(report.id)?.(report.exit);
  }

  async #lostAsRejection(): Promise<never> {
    throw await this.lost;
  }

  #send(order: SupervisorOrder): void {
    // Where it has been lost, everyone who waits is told.
    if (this.#connection?.writable === true) this.#connection.write(jsonLine(order));
  }
}
