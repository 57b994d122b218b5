import type { BytePath } from "./byte-path.ts";
import { type PackItem, packEntries } from "./pack-entries.ts";
import { foundIn, type TreeSource } from "./pack-tree.ts";
import { signatureOf, type TreeSnapshot } from "./snapshot-tree.ts";
import type { PackSummary } from "./tree-summary.ts";

/** Remembers what packTree would pack of these folders, by the paths of the stream. Throws as packTree does; reads no file. */
export function snapshotSources(sources: readonly TreeSource[]): TreeSnapshot {
  const seen = new Map<BytePath, string>();
  for (const source of sources) for (const found of foundIn(source)) seen.set(found.path, signatureOf(found));
  return seen;
}

/**
 * Packs what is different from a snapshot of the same folders: entries that are new or were touched, then those that are gone,
 * children first. What a source leaves out counts as gone. Throws as packTree does.
 */
export function packSourceChanges(
  sources: readonly TreeSource[],
  snapshot: TreeSnapshot,
): AsyncGenerator<Buffer, PackSummary> {
  return packEntries(changesIn(sources, snapshot));
}

function* changesIn(sources: readonly TreeSource[], snapshot: TreeSnapshot): Generator<PackItem, void> {
  const seen = new Set<BytePath>();
  for (const source of sources) {
    for (const found of foundIn(source)) {
      const signature = signatureOf(found);
      if (signature !== "other") seen.add(found.path);
      if (snapshot.get(found.path) !== signature) yield { found };
    }
  }
  const gone = [...snapshot].filter(([path, before]) => before !== "other" && !seen.has(path));
  for (const [path] of gone.sort(([a], [b]) => (a < b ? 1 : -1))) yield { deleted: path };
}
