import { createHash } from "node:crypto";
import { mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import type { Folders } from "./folders.ts";
import { waitUntil } from "./wait-until.ts";

const PATIENCE_MS = 30 * 60_000;

/**
 * Lets one process at a time change the test bed. The lock is a name that the kernel gives to one process and takes back
 * when that ends, however it ends (unix(7), "abstract"): a file would have to be taken over, which two can do at once.
 */
export async function withLock<T>(
  folders: Folders,
  /** Told once when somebody else has it; `pid` where that is known. */
  onWait: (pid: string | undefined) => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(folders.cache, { recursive: true });
  const name = `\0slipway-testbed-${hashOf(await realpath(folders.cache))}`;
  const pidFile = join(folders.cache, "changed-by");
  let told = false;
  const lock = await waitUntil("the lock of the test bed", PATIENCE_MS, async () => {
    const server = await listenAt(name);
    if (server === undefined && !told) {
      told = true;
      onWait(await readFile(pidFile, "utf8").catch(() => undefined));
    }
    return server;
  });
  try {
    await writeFile(pidFile, String(process.pid));
    return await work();
  } finally {
    await rm(pidFile, { force: true });
    await new Promise((resolve) => lock.close(resolve));
  }
}

function hashOf(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 16);
}

/** Undefined: another process listens there. */
function listenAt(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(name, () => resolve(server));
  });
}
