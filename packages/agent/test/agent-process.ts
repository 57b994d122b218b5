import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { onTestFailed, onTestFinished } from "vitest";

/** An empty folder that is gone after the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "agent-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What it writes to standard error is shown where the test fails: nearly every one ends with a process that has lost the others. */
export function tellingOnFailure(child: ChildProcess): ChildProcess {
  const said: Buffer[] = [];
  child.stderr?.on("data", (chunk: Buffer) => said.push(chunk));
  onTestFailed(() => void process.stderr.write(Buffer.concat(said)));
  return child;
}

export interface AgentRun {
  readonly child: ChildProcess;
  readonly ended: Promise<{ exitCode: number | null; stdout: Buffer; stderr: string }>;
}

/** Runs the agent as a container does: `program` is ["-e", source] or [file]. */
export function startAgent(
  program: readonly string[],
  command: string,
  options: object,
  stdin?: AsyncIterable<Buffer> | "open",
): AgentRun {
  const child = spawn(process.execPath, [...program, command, JSON.stringify(options)], { stdio: "pipe" });
  onTestFinished(() => void child.kill("SIGKILL"));
  // The agent may end before it has read everything: that is for its exit code to tell.
  child.stdin.on("error", () => undefined);
  if (stdin === undefined) child.stdin.end();
  else if (stdin !== "open") Readable.from(stdin).pipe(child.stdin);
  return { child, ended: outcomeOf(child) };
}

async function outcomeOf(
  child: ChildProcess,
): Promise<{ exitCode: number | null; stdout: Buffer; stderr: string }> {
  const [stdout, stderr, [exitCode]] = await Promise.all([
    child.stdout?.toArray() as Promise<Buffer[]>,
    child.stderr?.toArray() as Promise<Buffer[]>,
    once(child, "exit") as Promise<[number | null]>,
  ]);
  return { exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}
