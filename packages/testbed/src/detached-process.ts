import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Folders } from "./folders.ts";
import { identityOf, runningFrom, writeIdentity } from "./process-identity.ts";
import { TestbedError } from "./testbed-error.ts";

export interface DetachedProcess {
  /** Where it is remembered which process it is. */
  readonly identityFile: string;
  readonly argv: readonly string[];
  /** Of its log; that of the program when left out. */
  readonly name?: string;
  /** The folder of the running state when left out. */
  readonly cwd?: string;
}

/** Starts a program that outlives us, unless it runs already. */
export async function startDetached(folders: Folders, process: DetachedProcess): Promise<void> {
  const { identityFile, argv, cwd = folders.state } = process;
  if ((await runningFrom(identityFile)) !== undefined) return;
  const [program = "", ...args] = argv;
  const name = process.name ?? basename(program);
  await mkdir(folders.logs, { recursive: true });
  const log = openSync(logOf(folders, name), "w");
  const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log], cwd });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) =>
      reject(new TestbedError(`${name} cannot be started: ${cause.message}`, { cause })),
    );
  });
  child.unref();
  const identity = await identityOf(child.pid ?? 0);
  if (identity === undefined) throw await endedAtOnce(folders, name);
  await writeIdentity(identityFile, identity);
}

/** Says with the end of its log that a program did not stay. */
export async function endedAtOnce(folders: Folders, name: string): Promise<TestbedError> {
  const log = logOf(folders, name);
  const tail = (await readFile(log, "utf8")).trim().split("\n").slice(-5).join("\n");
  return new TestbedError(`${name} ended at once: ${tail}`, { remedy: `Read ${log}` });
}

function logOf(folders: Folders, name: string): string {
  return join(folders.logs, `${name}.log`);
}
