import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { BuildError, throwIfCancelled } from "@slipway/core";

export interface ShellStep {
  /** For the message. */
  readonly instruction: string;
  readonly command: readonly [string, ...string[]];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/**
 * Runs a step with the shell of this machine, in a folder of the image's files. No container, no other root: whatever the step names by an
 * absolute path is the machine's own. Good for the tests of the kit, whose Dockerfiles we wrote, and for nothing else.
 */
export async function runOnHost({
  instruction,
  command,
  folder,
  env,
  signal,
  onLine,
}: ShellStep): Promise<void> {
  throwIfCancelled(signal);
  const [program, ...args] = command;
  // A group of its own, so that everything that the step started ends with it.
  const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  signal.addEventListener("abort", kill, { once: true });
  try {
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
    const [code] = (await once(child, "close")) as [number | null];
    throwIfCancelled(signal);
    if (code !== 0)
      throw new BuildError("BUILD_FAILED", `${instruction} failed: exit code ${code}`, {
        remedy: "Correct the command of this instruction",
        details: { exitCode: code ?? -1 },
      });
  } finally {
    signal.removeEventListener("abort", kill);
  }
}
