import { closeSync, constants, fchmodSync, fchownSync, futimesSync, openSync, writeSync } from "node:fs";
import { type BytePath, nativePath } from "./byte-path.ts";
import type { FileHeader } from "./entry-header.ts";
import type { StreamReader } from "./stream-reader.ts";
import { unwritable } from "./tree-errors.ts";

/** Up to here content is gathered and written in one call. */
export const SMALL_BYTES = 64 * 1024;

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface FileAttributes {
  readonly mode: number;
  readonly owner?: Owner | undefined;
  /** Called when something is at the path already: removes it, or throws. */
  readonly occupied: () => void;
}

/** Makes a new file from the content that follows in the stream. Errors name `header.path`. */
export async function writeFile(
  host: BytePath,
  header: FileHeader,
  reader: StreamReader,
  attributes: FileAttributes,
): Promise<void> {
  if (header.size <= SMALL_BYTES)
    return writeSmallFile(host, header, await reader.take(header.size), attributes);
  const descriptor = attempt(header, () => openNew(host, attributes.occupied));
  try {
    await writeLarge(descriptor, header, reader);
    attempt(header, () => finish(descriptor, header, attributes));
  } finally {
    closeSync(descriptor);
  }
}

/** The same for a file whose content is there. */
export function writeSmallFile(
  host: BytePath,
  header: FileHeader,
  content: Buffer,
  attributes: FileAttributes,
): void {
  attempt(header, () => {
    const descriptor = openNew(host, attributes.occupied);
    try {
      writeWhole(descriptor, content);
      finish(descriptor, header, attributes);
    } finally {
      closeSync(descriptor);
    }
  });
}

/**
 * For the functions of node:fs, which take seconds as a double and cut them to microseconds: half of one more, so that what
 * the double lost is not cut to the microsecond before.
 */
export function secondsOf(mtimeNs: bigint): number {
  return (Number(mtimeNs / 1000n) + 0.5) / 1e6;
}

/** Trying first and looking afterwards saves a system call per file: hardly ever is anything there. */
function openNew(host: BytePath, occupied: () => void): number {
  // EXCL never follows a link, not even a dangling one.
  const open = () =>
    openSync(nativePath(host), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    return open();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    occupied();
    return open();
  }
}

function writeWhole(descriptor: number, content: Buffer): void {
  for (let at = 0; at < content.length; ) at += writeSync(descriptor, content, at, content.length - at, null);
}

/**
 * Synchronous for large files too: what arrives comes in pieces of at most a pipe's 64 KiB, and to copy such a piece to the
 * page cache costs less than to hand it to a thread.
 */
async function writeLarge(descriptor: number, header: FileHeader, reader: StreamReader): Promise<void> {
  for (let left = header.size; left > 0; ) {
    const chunk = await reader.some(left);
    left -= chunk.length;
    attempt(header, () => writeWhole(descriptor, chunk));
  }
}

function finish(descriptor: number, header: FileHeader, { mode, owner }: FileAttributes): void {
  // The mode comes after the owner, because a change of owner clears setuid; and never from open(), where umask has a say.
  if (owner !== undefined) fchownSync(descriptor, owner.uid, owner.gid);
  fchmodSync(descriptor, mode);
  futimesSync(descriptor, secondsOf(header.mtimeNs), secondsOf(header.mtimeNs));
}

function attempt<T>(header: FileHeader, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unwritable(header.path, error);
  }
}
