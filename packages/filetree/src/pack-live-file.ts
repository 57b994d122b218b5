import { lstatSync } from "node:fs";
import { nativePath } from "./byte-path.ts";
import { readLarge } from "./read-content.ts";
import type { StreamWriter } from "./stream-writer.ts";
import { isChange } from "./tree-errors.ts";
import type { FoundEntry } from "./tree-summary.ts";

/** A second look usually finds a quiet moment. */
const TRIES = 3;
const PADDING = Buffer.alloc(512 * 1024);

/**
 * Content of a large file that programs may write to meanwhile, after its header. A log that grows goes as it was found. One that was cut, replaced or
 * rewritten is retracted, so that nobody gets a mixture, and sent again as it is then; false when it never came to rest.
 */
export async function* packLiveFile(
  writer: StreamWriter,
  found: FoundEntry,
  onRetracted: () => void,
): AsyncGenerator<Buffer, boolean> {
  let entry = found;
  for (let tries = 1; ; tries += 1) {
    yield* writer.flushed();
    if (yield* whole(writer, entry)) return true;
    writer.header({ type: "retracted", path: entry.path });
    onRetracted();
    const stats = lstatSync(nativePath(entry.host), { bigint: true, throwIfNoEntry: false });
    if (tries === TRIES || stats?.isFile() !== true) return false;
    entry = { ...entry, stats };
    const { path } = entry;
    const mode = Number(stats.mode & 0o7777n);
    writer.header({ type: "file", path, mode, mtimeNs: stats.mtimeNs, size: Number(stats.size) });
  }
}

/** False where it changed; the stream gets as many bytes as its header says in either case. */
async function* whole(writer: StreamWriter, entry: FoundEntry): AsyncGenerator<Buffer, boolean> {
  let left = Number(entry.stats.size);
  try {
    for await (const piece of readLarge(entry, true)) {
      left -= piece.length;
      yield writer.large(piece);
    }
    return true;
  } catch (error) {
    if (!isChange(error)) throw error;
  }
  while (left > 0) {
    const piece = PADDING.subarray(0, Math.min(left, PADDING.length));
    left -= piece.length;
    yield writer.large(piece);
  }
  return false;
}
