import type { BytePath } from "@slipway/core";
import type { ImageFile } from "@slipway/registry/image";
import type { Difference } from "./difference.ts";
import { shownPath } from "./shown-path.ts";
import { clipped } from "./shown-value.ts";

type Files = ReadonlyMap<BytePath, ImageFile>;

/**
 * Where paths that both images have are one file in the one and several in the other. One difference for all paths that
 * hang together in either, named after the first of them.
 */
export function hardLinkDifferences(
  expected: Files,
  actual: Files,
  common: readonly BytePath[],
): Difference[] {
  const before = groupsOf(expected, common);
  const after = groupsOf(actual, common);
  const told = new Set<BytePath>();
  const found: Difference[] = [];
  for (const path of common) {
    if (told.has(path) || shown(before, path) === shown(after, path)) continue;
    for (const member of connected(path, before, after)) told.add(member);
    found.push({
      id: `hardlink:${shownPath(path)}`,
      expected: clipped(shown(before, path)),
      actual: clipped(shown(after, path)),
    });
  }
  return found;
}

/** For each path that is not alone: all paths of its file, itself included. */
type Groups = ReadonlyMap<BytePath, readonly BytePath[]>;

function groupsOf(files: Files, paths: readonly BytePath[]): Groups {
  const byInode = new Map<number, BytePath[]>();
  for (const path of paths) {
    const inode = files.get(path)?.inode ?? -1;
    const group = byInode.get(inode);
    if (group === undefined) byInode.set(inode, [path]);
    else group.push(path);
  }
  const shared = [...byInode.values()].filter((group) => group.length > 1);
  return new Map(shared.flatMap((group) => group.map((path) => [path, group] as const)));
}

function shown(groups: Groups, path: BytePath): string {
  const others = groups.get(path)?.filter((one) => one !== path) ?? [];
  return others.length === 0 ? "a file of its own" : `one file with ${others.map(shownPath).join(", ")}`;
}

function connected(start: BytePath, ...sides: readonly Groups[]): Set<BytePath> {
  const members = new Set([start]);
  // A set that grows is walked to its end.
  for (const path of members)
    for (const groups of sides) for (const other of groups.get(path) ?? []) members.add(other);
  return members;
}
