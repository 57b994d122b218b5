import { readTar } from "../tar/read-tar.ts";
import type { TarDefect, TarEntry } from "../tar/tar-entry.ts";

export interface ListedEntry extends TarEntry {
  readonly content: Buffer;
  /** False where the archive ended first. */
  readonly whole: boolean;
}

export interface TarListing {
  readonly entries: readonly ListedEntry[];
  readonly defects: readonly TarDefect[];
}

/** All that a reader finds in an archive that comes in chunks of this size. */
export async function listTar(archive: Buffer, chunkBytes = 65_536): Promise<TarListing> {
  const found: { entry: TarEntry; pieces: Buffer[]; whole: boolean }[] = [];
  const defects: TarDefect[] = [];
  await readTar(inChunks(archive, chunkBytes), {
    entry: (entry) => found.push({ entry, pieces: [], whole: false }),
    content: (bytes) => found.at(-1)?.pieces.push(Buffer.from(bytes)),
    end: () => {
      const last = found.at(-1);
      if (last !== undefined) last.whole = true;
    },
    defect: (defect) => defects.push(defect),
  });
  const entries = found.map(({ entry, pieces, whole }) => ({
    ...entry,
    content: Buffer.concat(pieces),
    whole,
  }));
  return { entries, defects };
}

export async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
