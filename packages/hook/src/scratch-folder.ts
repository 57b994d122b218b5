import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuildError } from "@slipway/core";

/** Lets a builder use a folder of its own, and removes it. Rejects with INVALID_CONFIG where none can be made. */
export async function withScratchFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await makeFolder();
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), "slipway-"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildError("INVALID_CONFIG", `The runner has no usable temporary folder: ${reason}`, {
      remedy: "Free space there and make it writable for the runner's user, or set TMPDIR",
      cause,
    });
  }
}
