import { readdirSync, readFileSync } from "node:fs";

/** One row of the process table (proc_pid_stat(5)). */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Ticks since boot. With the pid, names a process for good: pids are used again. */
  readonly startedAt: string;
  readonly isZombie: boolean;
}

/** Every process that this one sees; those that end while it looks are left out. Empty where there is no /proc. */
export function processTable(): readonly ProcessRow[] {
  return namesIn("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => rowOf(Number(name)) ?? []);
}

function rowOf(pid: number): ProcessRow | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The name of a program comes second, in parentheses, and may contain anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    startedAt: fields[19] ?? "",
    isZombie: fields[0] === "Z" || fields[0] === "X",
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
