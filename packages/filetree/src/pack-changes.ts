import { type BytePath, bytePath, isWithin } from "./byte-path.ts";
import { type PackItem, packEntries } from "./pack-entries.ts";
import { signatureOf, type TreeSnapshot } from "./snapshot-tree.ts";
import type { PackSummary } from "./tree-summary.ts";
import { walkTree } from "./walk-tree.ts";

/**
 * Packs what is different from a snapshot of the same folder: entries that are new or were touched, then those that
 * are gone, children first. `only`: prefixes to look at; everything when left out. Throws as packTree does.
 */
export function packChanges(
  root: string,
  snapshot: TreeSnapshot,
  only: readonly string[] = [""],
): AsyncGenerator<Buffer, PackSummary> {
  return packEntries(changesIn(root, snapshot, only.map(bytePath)));
}

function* changesIn(
  root: string,
  snapshot: TreeSnapshot,
  only: readonly BytePath[],
): Generator<PackItem, void> {
  const wanted = (path: BytePath) => only.some((prefix) => isWithin(path, prefix));
  const seen = new Set<BytePath>();
  for (const found of walkTree(root, "")) {
    if (!wanted(found.path)) continue;
    const signature = signatureOf(found);
    // A socket in the place of a file: the file is gone, and what replaced it cannot be sent.
    if (signature !== "other") seen.add(found.path);
    if (snapshot.get(found.path) !== signature) yield { found };
  }
  const gone = [...snapshot].filter(
    ([path, before]) => before !== "other" && wanted(path) && !seen.has(path),
  );
  for (const [path] of gone.sort(([a], [b]) => (a < b ? 1 : -1))) yield { deleted: path };
}
