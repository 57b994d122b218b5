import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "@slipway/core";
import { pollUntil } from "./poll-until.ts";

const NOTE = /^unpack-(\d+)$/;

/**
 * Makes this process the only one that unpacks: ends those of earlier attempts, for after a lost connection they may not have noticed yet,
 * and rejects where a later one has begun, for a process may also start long after its connection was lost. Each leaves a note in `home`
 * before it looks for those of others, so that of two at least one sees the other.
 */
export async function takeOver(home: string, attempt: number): Promise<void> {
  const own = join(home, `unpack-${attempt}`);
  writeFileSync(`${own}.part`, String(process.pid));
  renameSync(`${own}.part`, own);
  const attempts = readdirSync(home).map((name) => Number(NOTE.exec(name)?.[1] ?? Number.NaN));
  if (attempts.some((other) => other > attempt)) throw overtaken();
  for (const other of attempts) if (other < attempt) await end(Number(textOf(join(home, `unpack-${other}`))));
}

async function end(pid: number): Promise<void> {
  if (!isAgent(pid)) return;
  process.kill(pid, "SIGKILL");
  await pollUntil(() => !isAgent(pid), 10);
}

/** False for a number that was given to another program since; and for a zombie, whose command line is empty. */
function isAgent(pid: number): boolean {
  return pid > 1 && textOf(`/proc/${pid}/cmdline`).split("\0").includes("unpack");
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function overtaken(): BuildError {
  return new BuildError("CLUSTER_UNAVAILABLE", "The files are sent over another connection by now");
}
