import { BuildError } from "@slipway/core";
import type { BytePath } from "./byte-path.ts";
import { readTarget } from "./read-content.ts";
import type { FoundEntry } from "./tree-summary.ts";
import { kindOf, walkTree } from "./walk-tree.ts";

/** What a tree looked like: for each path what would be different had it been touched. */
export type TreeSnapshot = ReadonlyMap<BytePath, string>;

const VERSION = "slipway-snapshot 1";

/** Remembers a tree without reading its files. Throws CONTEXT_UNAVAILABLE where it cannot be listed. */
export function snapshotTree(root: string): TreeSnapshot {
  const seen = new Map<BytePath, string>();
  for (const found of walkTree(root, "")) seen.set(found.path, signatureOf(found));
  return seen;
}

/**
 * Equal as long as nothing touched the entry. ctime is in it because a program can set every other time back.
 * The times of a folder are left out: they change with what it holds, and that is told by entries of their own.
 */
export function signatureOf({ host, path, stats }: FoundEntry): string {
  const kind = kindOf(stats);
  if (kind === undefined) return "other";
  if (kind === "folder") return `folder ${stats.mode}`;
  // Joined, not concatenated: there may be a million of these, and V8 keeps a concatenation as the tree of its pieces.
  const identity = [kind, stats.mode, stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino];
  return [...identity, ...(kind === "file" ? [] : [readTarget({ host, path })])].join(" ");
}

/** As text, to be kept in a file. */
export function formatSnapshot(snapshot: TreeSnapshot): string {
  return `${VERSION}\n${JSON.stringify([...snapshot])}\n`;
}

/** Throws INTERNAL for what `formatSnapshot` did not make. */
export function parseSnapshot(text: string): TreeSnapshot {
  const start = text.indexOf("\n");
  if (text.slice(0, start) !== VERSION) throw foreignSnapshot();
  try {
    return new Map(JSON.parse(text.slice(start)) as [BytePath, string][]);
  } catch (error) {
    throw foreignSnapshot(error);
  }
}

function foreignSnapshot(cause?: unknown): BuildError {
  return new BuildError("INTERNAL", "The snapshot of the work folder is damaged or of another version", {
    remedy: "Let all containers of the pod run the same agent",
    cause,
  });
}
