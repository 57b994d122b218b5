import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  listenForSupervisor,
  type ProgramStart,
  type RunningProgram,
  type SupervisorLink,
} from "../src/job/supervisor-link.ts";
import { loadAgentSource } from "../src/testing/index.ts";
import { scratch, tellingOnFailure } from "./agent-process.ts";

let source: Promise<string> | undefined;

/** `supervise` as a process, and the link that `serve` has to it. */
export interface JobContainer {
  readonly link: SupervisorLink;
  readonly folder: string;
  readonly supervisor: ChildProcess;
  /** Starts a program and collects what it prints. */
  run(command: Partial<ProgramStart>): Started;
  /** The same for a line of shell. */
  shell(script: string, command?: Partial<ProgramStart>): Started;
}

export interface Started extends RunningProgram {
  readonly text: () => string;
  /** Resolves once this was printed. */
  printed(text: string): Promise<void>;
}

export async function jobContainer(
  environment: Readonly<Record<string, string>> = { PATH: process.env["PATH"] ?? "" },
): Promise<JobContainer> {
  source ??= loadAgentSource();
  const [folder, text] = [scratch(), await source];
  const socket = join(folder, "supervisor.sock");
  const link = await listenForSupervisor({ socket, folder });
  const supervisor = spawn(process.execPath, ["-e", text, "supervise", JSON.stringify({ socket })], {
    stdio: ["ignore", "pipe", "pipe"],
    env: environment,
    cwd: folder,
  });
  tellingOnFailure(supervisor);
  onTestFinished(async () => {
    link.close();
    if (supervisor.exitCode === null && supervisor.signalCode === null) await once(supervisor, "exit");
  });
  return { link, folder, supervisor, ...startersOf(link) };
}

export function startersOf(link: SupervisorLink): Pick<JobContainer, "run" | "shell"> {
  let count = 0;
  const run = (command: Partial<ProgramStart>): Started => {
    count += 1;
    const start = {
      id: `step-${count}`,
      entryPoint: "sh",
      args: [],
      environment: {},
      prependPath: [],
      ...command,
    };
    return collecting((onOutput) => link.start(start, onOutput));
  };
  return { run, shell: (script, command) => run({ args: ["-c", script], ...command }) };
}

function collecting(start: (onOutput: (chunk: Buffer) => void) => RunningProgram): Started {
  let all = "";
  const waiting = new Set<() => void>();
  const program = start((chunk) => {
    all += chunk.toString();
    for (const look of waiting) look();
  });
  return {
    ...program,
    text: () => all,
    printed: (text) =>
      new Promise((resolve) => {
        const look = () => {
          if (!all.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
