import { readFileSync, writeFileSync } from "node:fs";
import { pollUntil } from "./poll-until.ts";

/**
 * Ends an earlier process that says of itself, in this file, that it does the same work. After a lost connection the
 * earlier one may not have noticed yet, and two must not write to one folder.
 */
export async function takeOver(pidFile: string): Promise<void> {
  const earlier = Number(textOf(pidFile));
  if (Number.isInteger(earlier) && earlier > 1 && earlier !== process.pid && isAgent(earlier)) {
    process.kill(earlier, "SIGKILL");
    await pollUntil(() => !isAgent(earlier), 10);
  }
  writeFileSync(pidFile, String(process.pid));
}

/** False for a number that was given to another program since; and for a zombie, whose command line is empty. */
function isAgent(pid: number): boolean {
  return textOf(`/proc/${pid}/cmdline`).split("\0").includes("unpack");
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
