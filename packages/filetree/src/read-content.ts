import { type BigIntStats, closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type BytePath, nativePath } from "./byte-path.ts";
import { changedWhileRead, unreadable } from "./tree-errors.ts";
import type { FoundEntry } from "./tree-summary.ts";

/** Large files are read in pieces of this size, one ahead of the one in use. */
const PIECE_BYTES = 512 * 1024;

// NONBLOCK: a FIFO put in the place of the file must not hang us. NOFOLLOW: nor a link lead elsewhere.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Fills the room with the file, whose size it has. Synchronous: for small files a call costs less than a hand-over to a thread. */
export function readSmall(entry: FoundEntry, room: Buffer): void {
  const descriptor = attempt(entry, () => openSync(nativePath(entry.host), FLAGS));
  try {
    let filled = 0;
    while (filled < room.length) {
      const count = attempt(entry, () => readSync(descriptor, room, filled, room.length - filled, null));
      if (count === 0) throw changedWhileRead(entry.path);
      filled += count;
    }
    assertUnchanged(entry, fstatSync(descriptor, { bigint: true }));
  } finally {
    closeSync(descriptor);
  }
}

/** As much of the file as there is, up to the size that it had. */
export function readLoosely(entry: FoundEntry): Buffer {
  const room = Buffer.alloc(Number(entry.stats.size));
  const descriptor = attempt(entry, () => openSync(nativePath(entry.host), FLAGS));
  try {
    return room.subarray(
      0,
      attempt(entry, () => readSync(descriptor, room, 0, room.length, null)),
    );
  } finally {
    closeSync(descriptor);
  }
}

/** The file in pieces, each with a buffer of its own. A `live` one may grow meanwhile: then it is read up to the size that it had. */
export async function* readLarge(entry: FoundEntry, live = false): AsyncGenerator<Buffer, void> {
  const handle = await open(nativePath(entry.host), FLAGS).catch((error: unknown) => {
    throw unreadable(entry.path, error);
  });
  let ahead: Promise<Buffer | undefined> = Promise.resolve(undefined);
  try {
    assertUnchanged(entry, await handle.stat({ bigint: true }), live);
    let left = Number(entry.stats.size);
    ahead = readPiece(handle, entry, left);
    for (let piece = await ahead; piece !== undefined; piece = await ahead) {
      left -= piece.length;
      ahead = readPiece(handle, entry, left);
      // The consumer may take its time: a failure of the read ahead is reported when its turn comes.
      ahead.catch(() => undefined);
      yield piece;
    }
    assertUnchanged(entry, await handle.stat({ bigint: true }), live);
  } finally {
    await ahead.catch(() => undefined);
    await handle.close();
  }
}

async function readPiece(handle: FileHandle, entry: FoundEntry, left: number): Promise<Buffer | undefined> {
  if (left === 0) return undefined;
  const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, left));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, null).catch((error: unknown) => {
    throw unreadable(entry.path, error);
  });
  if (bytesRead === 0) throw changedWhileRead(entry.path);
  return buffer.subarray(0, bytesRead);
}

/** Where a symbolic link leads. */
export function readTarget({ host, path }: Pick<FoundEntry, "host" | "path">): BytePath {
  try {
    return readlinkSync(nativePath(host), { encoding: "latin1" });
  } catch (error) {
    // EINVAL: no longer a link.
    if ((error as NodeJS.ErrnoException).code === "EINVAL") throw changedWhileRead(path, error);
    throw unreadable(path, error);
  }
}

/** Compares with the look before the read: one file throughout, and nobody wrote to it; `mayGrow`: but at its end, as to a log. */
function assertUnchanged({ path, stats }: FoundEntry, now: BigIntStats, mayGrow = false): void {
  const sameFile = now.ino === stats.ino && now.dev === stats.dev;
  const untouched =
    now.mode === stats.mode &&
    now.size === stats.size &&
    now.mtimeNs === stats.mtimeNs &&
    now.ctimeNs === stats.ctimeNs;
  if (!sameFile || !(untouched || (mayGrow && now.size > stats.size))) throw changedWhileRead(path);
}

function attempt<T>(entry: FoundEntry, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unreadable(entry.path, error);
  }
}
