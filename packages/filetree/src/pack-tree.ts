import { assertInside, type BytePath, bytePath } from "./byte-path.ts";
import { type PackItem, packEntries } from "./pack-entries.ts";
import type { FoundEntry, PackSummary, TreeLimits } from "./tree-summary.ts";
import { type Include, walkTree } from "./walk-tree.ts";

/** A folder or a file of this machine, and where it goes in the stream. */
export interface TreeSource {
  /** Path on this machine. A symbolic link is followed here, and nowhere below. */
  readonly from: string;
  /** Path in the stream, with forward slashes; "" is its root, for folders only. */
  readonly to: string;
  readonly include?: Include;
}

/** A file that exists in memory only. */
export interface TextSource {
  readonly text: string | Buffer;
  /** Path in the stream. */
  readonly to: string;
}

/**
 * Packs files as one stream: sources in the given order, each in byte order of its names. Symbolic links, hard links
 * within the stream, empty folders, modes and times are kept; FIFOs, sockets and devices are counted in the summary.
 *
 * Throws CONTEXT_UNAVAILABLE when a file cannot be read or a limit is passed, and with `details.changed` when a file
 * changes while it is read: packing once more may then succeed. A stream that ended with an error has no trailer,
 * and no receiver accepts it.
 */
export function packTree(
  sources: readonly (TreeSource | TextSource)[],
  limits?: TreeLimits,
): AsyncGenerator<Buffer, PackSummary> {
  return packEntries(itemsOf(sources), limits);
}

function* itemsOf(sources: readonly (TreeSource | TextSource)[]): Generator<PackItem, void> {
  for (const source of sources) {
    if ("text" in source) yield { path: streamPath(source.to), text: Buffer.from(source.text) };
    else for (const found of foundIn(source)) yield { found };
  }
}

/** The entries of one source, at their places in the stream. */
export function foundIn({ from, to, include }: TreeSource): Generator<FoundEntry, void> {
  return walkTree(from, streamPath(to), include);
}

function streamPath(to: string): BytePath {
  const path = bytePath(to);
  if (path !== "") assertInside(path);
  return path;
}
