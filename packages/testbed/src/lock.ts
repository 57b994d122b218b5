import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Folders } from "./folders.ts";
import { identityOf, isRunning, type ProcessIdentity } from "./process-identity.ts";
import { waitUntil } from "./wait-until.ts";

const PATIENCE_MS = 30 * 60_000;

/** Lets one process at a time change the test bed; the lock of one that was killed is taken over. */
export async function withLock<T>(
  folders: Folders,
  onWait: (holder: ProcessIdentity) => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(folders.cache, { recursive: true });
  const file = join(folders.cache, "lock");
  let told = false;
  await waitUntil("the lock of the test bed", PATIENCE_MS, async () => {
    if (await tryLock(file)) return true;
    const holder = await holderOf(file);
    if (holder === undefined) await rm(file, { force: true });
    else if (!told) onWait(holder);
    told ||= holder !== undefined;
    return undefined;
  });
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function tryLock(file: string): Promise<boolean> {
  const identity = await identityOf(process.pid);
  try {
    await writeFile(file, JSON.stringify(identity), { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}

/** The process that has the lock; undefined when it is gone. */
async function holderOf(file: string): Promise<ProcessIdentity | undefined> {
  try {
    const identity = JSON.parse(await readFile(file, "utf8")) as ProcessIdentity;
    return (await isRunning(identity)) ? identity : undefined;
  } catch {
    return undefined;
  }
}
