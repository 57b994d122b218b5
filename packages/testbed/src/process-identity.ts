import { readFile, rm, writeFile } from "node:fs/promises";
import { waitUntil } from "./wait-until.ts";

/** A process, known for certain: pids are reused, so the time it was started and its program count too. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot (proc(5), `/proc/PID/stat`, field 22). */
  readonly startTime: string;
  readonly bootId: string;
  readonly command: string;
}

/** The identity of a running process; undefined when there is none, or it is a zombie. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const [stat, commandLine, bootId] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile(`/proc/${pid}/cmdline`, "utf8"),
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    ]);
    const { state, startTime } = parseStat(stat);
    if (state === "Z" || state === "X") return undefined;
    return { pid, startTime, bootId: bootId.trim(), command: commandLine.replaceAll("\0", " ").trim() };
  } catch {
    return undefined;
  }
}

/** The name in parentheses may itself hold spaces and parentheses, so fields count from the last one. */
export function parseStat(stat: string): { readonly state: string; readonly startTime: string } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", startTime: fields[19] ?? "" };
}

export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const now = await identityOf(identity.pid);
  return now?.startTime === identity.startTime && now.bootId === identity.bootId;
}

/** Ends exactly this process: SIGTERM, and SIGKILL when it does not end in time. */
export async function stopProcess(identity: ProcessIdentity, graceMs = 15_000): Promise<void> {
  for (const [signal, waitMs] of [
    ["SIGTERM", graceMs],
    ["SIGKILL", 10_000],
  ] as const) {
    if (!(await isRunning(identity))) return;
    process.kill(identity.pid, signal);
    const gone = async (): Promise<true | undefined> => ((await isRunning(identity)) ? undefined : true);
    if (await waitUntil("end of a process", waitMs, gone, 100).catch(() => false)) return;
  }
}

export async function writeIdentity(file: string, identity: ProcessIdentity): Promise<void> {
  await writeFile(file, JSON.stringify(identity));
}

/** The process that a file names, if it still runs. */
export async function runningFrom(file: string): Promise<ProcessIdentity | undefined> {
  try {
    const identity = JSON.parse(await readFile(file, "utf8")) as ProcessIdentity;
    if (await isRunning(identity)) return identity;
    await rm(file, { force: true });
  } catch {
    // No file, or one that was cut short: no process of ours is known.
  }
  return undefined;
}
