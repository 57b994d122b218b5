import { createHash, type Hash } from "node:crypto";
import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { BuildError } from "../errors.ts";
import type { IncludePath } from "./context-files.ts";

const SLASH = Buffer.from("/");

/**
 * Tells cheaply whether a context is still the one that an image was built from, inside one job on one machine: a hash
 * over what the file system says of every entry, not over the contents. Links are read, never followed.
 *
 * `dockerfile` is relative to the context and part of the hash. Throws CONTEXT_UNAVAILABLE when something cannot be
 * read or disappears meanwhile.
 */
export async function contextFingerprint(
  context: string,
  dockerfile: string,
  include: IncludePath,
): Promise<string> {
  const hash = createHash("sha256");
  feed(hash, [Buffer.from(dockerfile)]);
  try {
    await feedFolder(hash, Buffer.from(context), undefined, include);
  } catch (error) {
    throw new BuildError("CONTEXT_UNAVAILABLE", `The files in ${context} cannot be listed`, {
      remedy: "Let nothing change the folder of the action while it is used, and make it readable",
      cause: error,
    });
  }
  return hash.digest("hex");
}

/** Paths are bytes: a name that is not UTF-8 would not be found again as text. */
async function feedFolder(
  hash: Hash,
  host: Buffer,
  folder: Buffer | undefined,
  include: IncludePath,
): Promise<void> {
  for (const name of readdirSync(host, { encoding: "buffer" }).sort(Buffer.compare)) {
    const path = folder === undefined ? name : Buffer.concat([folder, SLASH, name]);
    const entry = Buffer.concat([host, SLASH, name]);
    // Synchronous, because it is ten times as fast as a promise per entry.
    const stats = lstatSync(entry, { bigint: true });
    if (include(path.toString("utf8"), stats.isDirectory()) === false) continue;
    feed(hash, [
      path,
      fieldsOf(stats),
      stats.isSymbolicLink() ? readlinkSync(entry, "buffer") : Buffer.alloc(0),
    ]);
    if (!stats.isDirectory()) continue;
    await nextTurn();
    await feedFolder(hash, entry, path, include);
  }
}

/** The mode holds the type too; ctime and inode catch a change that put size and mtime back. */
function fieldsOf({ mode, size, mtimeNs, ctimeNs, ino }: BigIntStats): Buffer {
  return Buffer.from([mode, size, mtimeNs, ctimeNs, ino].join(","));
}

/** Each field with its length in front, so that no two lists of fields read the same. */
function feed(hash: Hash, fields: readonly Buffer[]): void {
  for (const field of fields) hash.update(`${field.length}:`).update(field);
}
