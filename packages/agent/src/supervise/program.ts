import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync } from "node:fs";
import { constants } from "node:os";
import { type StepCommand, type StepExit, toWireError } from "@slipway/step-protocol";
import { checkWorkingDirectory, findProgram } from "./find-program.ts";
import { memoryKillError, memoryKills } from "./memory-kills.ts";
import { ProcessFamily } from "./process-family.ts";
import { startFailureExit } from "./start-failure.ts";
import { stepEnvironment } from "./step-environment.ts";

/** From SIGINT on: when SIGTERM follows, and when SIGKILL. The runner gives the hook 7.5 s, then 2.5 s more. */
export const CANCEL_DELAYS_MS = { term: 2000, kill: 3500 };

export interface ProgramSurroundings {
  /** The job container's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Opens what standard output and standard error are; undefined: those of this process. */
  readonly openOutput?: () => Promise<number>;
  /** Others are for tests. */
  readonly delays?: typeof CANCEL_DELAYS_MS;
  readonly cgroup?: string;
}

/** One program of the job container, started at once. */
export class Program {
  /** Never rejects: what prevents the start is an exit as well. */
  readonly ended: Promise<StepExit>;
  readonly #command: StepCommand;
  readonly #around: ProgramSurroundings;
  #family: ProcessFamily | undefined;
  #isStopped = false;

  constructor(command: StepCommand, around: ProgramSurroundings) {
    this.#command = command;
    this.#around = around;
    this.ended = this.#run();
  }

  /** SIGINT, as from a terminal; SIGTERM and SIGKILL for whoever is still there later. Again: nothing. */
  cancel(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const family = this.#family;
    if (family === undefined) return;
    const { term, kill } = this.#around.delays ?? CANCEL_DELAYS_MS;
    family.signal("SIGINT");
    // The program itself may be gone by then; what it started need not be.
    setTimeout(() => family.signal("SIGTERM"), term);
    setTimeout(() => family.kill(), kill);
  }

  kill(): void {
    this.#isStopped = true;
    this.#family?.kill();
  }

  async #run(): Promise<StepExit> {
    const kills = memoryKills(this.#around.cgroup);
    const exit = await this.#startAndWait();
    if (exit.exitCode === 0 || exit.failure !== undefined) return exit;
    // Not for code 137 alone: a shell or make that survives its compiler ends with a code of its own.
    if (memoryKills(this.#around.cgroup) <= kills) return exit;
    return { ...exit, failure: toWireError(memoryKillError(this.#around.cgroup)) };
  }

  async #startAndWait(): Promise<StepExit> {
    let file = this.#command.entryPoint;
    try {
      const output = await this.#around.openOutput?.();
      const ended = closing(output, () => {
        if (this.#isStopped) return { exitCode: 128 + constants.signals.SIGINT };
        const folder = this.#command.workingDirectory ?? process.cwd();
        checkWorkingDirectory(folder);
        const environment = stepEnvironment(this.#around.environment, this.#command);
        file = findProgram(this.#command.entryPoint, environment["PATH"], folder);
        return exitOf(this.#spawn(file, folder, environment, output));
      });
      return await ended;
    } catch (error) {
      return startFailureExit(error, file, this.#command);
    }
  }

  #spawn(
    file: string,
    cwd: string,
    env: Readonly<Record<string, string>>,
    output: number | undefined,
  ): ChildProcess {
    const { entryPoint, args } = this.#command;
    const stream = output ?? "inherit";
    const child = spawn(file, args, {
      // Many programs look at their own name, busybox above all.
      argv0: entryPoint,
      cwd,
      env,
      // A session and process group of its own: signals reach all of it, and nothing of ours.
      detached: true,
      stdio: ["ignore", stream, stream],
    });
    if (child.pid !== undefined) this.#family = new ProcessFamily(child.pid);
    return child;
  }
}

/** The child has its own copies of what it was given: ours would keep the pipe open. */
function closing<T>(descriptor: number | undefined, use: () => T): T {
  try {
    return use();
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

async function exitOf(child: ChildProcess): Promise<StepExit> {
  // Rejects with what the event `error` says, when there was no start.
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return { exitCode: code ?? 128 + constants.signals[signal ?? "SIGKILL"] };
}
