import { BuildError } from "@slipway/core";
import type { JobContainerFacts, StepCommand, StepExit } from "@slipway/step-protocol";

/** A program in the job container. */
export interface RunningProgram {
  /** Resolves after its output was delivered; rejects when the job container is lost. */
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
  close(): void;
}

/** Listens on `socket`, and keeps the pipes for output in `folder`; both are seen by the job container. */
export async function listenForSupervisor(_options: {
  socket: string;
  folder: string;
}): Promise<SupervisorLink> {
  throw new BuildError("INTERNAL", "There is no supervisor yet", { remedy: "Wait for it" });
}
