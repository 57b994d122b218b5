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

/** What one look at some folders found. */
export interface SourceChanges {
  /** What they look like now, by the paths of the stream. */
  readonly now: TreeSnapshot;
  readonly isEmpty: boolean;
  /** A stream of the changes: entries that are new or were touched, then those that are gone, children first. Throws as packTree does. */
  pack(): AsyncGenerator<Buffer, PackSummary>;
}

/** Looks for what is different from a snapshot of the same folders. What a source leaves out counts as gone. Throws as packTree does. */
export function findSourceChanges(sources: readonly TreeSource[], snapshot: TreeSnapshot): SourceChanges {
  const now = new Map<BytePath, string>();
  const items: PackItem[] = [];
  for (const source of sources) {
    for (const found of foundIn(source)) {
      const signature = signatureOf(found);
      now.set(found.path, signature);
      if (snapshot.get(found.path) !== signature) items.push({ found });
    }
  }
  for (const path of goneFrom(snapshot, now)) items.push({ deleted: path });
  return { now, isEmpty: items.length === 0, pack: () => packEntries(items) };
}

/** Children first. A socket in the place of a file: the file is gone, and what replaced it cannot be sent. */
function goneFrom(before: TreeSnapshot, now: TreeSnapshot): BytePath[] {
  const gone: BytePath[] = [];
  for (const [path, signature] of before) {
    if (signature !== "other" && (now.get(path) ?? "other") === "other") gone.push(path);
  }
  return gone.sort((a, b) => (a < b ? 1 : -1));
}
