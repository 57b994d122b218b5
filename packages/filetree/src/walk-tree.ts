import { type BigIntStats, lstatSync, readdirSync, realpathSync } from "node:fs";
import { type BytePath, bytePath, joinPath, nativePath, parentPath, textOf } from "./byte-path.ts";
import { HostFolder } from "./host-folder.ts";
import { isChange, unreadable } from "./tree-errors.ts";
import type { FoundEntry } from "./tree-summary.ts";

/**
 * Which entries to take. `path` is relative to the source, with forward slashes; `"inside"`, for a folder, means:
 * not for itself, but look inside, and take it along if something below it is taken.
 */
export type Include = (path: string, isDirectory: boolean) => boolean | "inside";

/** The type of an entry, or undefined for what no stream carries: FIFOs, sockets, devices. */
export function kindOf(stats: BigIntStats): "folder" | "file" | "symlink" | undefined {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  return stats.isSymbolicLink() ? "symlink" : undefined;
}

/**
 * Everything in a folder, or one file: folders before what they hold, names in byte order, links never followed
 * (but `from` itself may be one). Throws CONTEXT_UNAVAILABLE for what cannot be read.
 */
export function* walkTree(
  from: string,
  to: BytePath,
  include: Include = () => true,
): Generator<FoundEntry, void> {
  const host = realPath(from);
  const stats = statsOf(host);
  if (stats.isDirectory()) {
    if (to !== "") yield { host, path: to, stats };
    yield* walkFolder({ host, path: to, stats }, "", include);
  } else if (to !== "") {
    yield { host, path: to, stats };
  }
}

/**
 * What is at a path below a folder, and everything in it. Nothing where the path leads nowhere, or through something that is
 * no folder: a link put in the place of one is not followed. In a `live` tree an entry may be gone by the time it is looked at.
 */
export function* walkBelow(root: string, path: BytePath, live = false): Generator<FoundEntry, void> {
  const top = realPath(root);
  if (!new HostFolder(top).isInside(parentPath(path))) return;
  const host = joinPath(top, path);
  const stats = lstatSync(nativePath(host), { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return;
  if (path !== "") yield { host, path, stats };
  if (stats.isDirectory()) yield* walkFolder({ host, path, stats }, "", () => true, live);
}

function* walkFolder(
  folder: FoundEntry,
  below: BytePath,
  include: Include,
  live = false,
): Generator<FoundEntry, void> {
  const names = unlessGone(live, () => namesIn(folder.host)) ?? [];
  for (const name of names) {
    const host = joinPath(folder.host, name);
    const stats = unlessGone(live, () => statsOf(host));
    if (stats === undefined) continue;
    const inner = joinPath(below, name);
    const taken = include(textOf(inner), stats.isDirectory());
    if (taken === false) continue;
    const entry = { host, path: joinPath(folder.path, name), stats };
    if (taken === true) yield entry;
    if (!stats.isDirectory()) continue;
    const content = walkFolder(entry, inner, include, live);
    yield* taken === true ? content : precededBy(entry, content);
  }
}

/** The folder first, but only if something comes after it. */
function* precededBy(folder: FoundEntry, content: Iterable<FoundEntry>): Generator<FoundEntry, void> {
  let announced = false;
  for (const entry of content) {
    if (!announced) yield folder;
    announced = true;
    yield entry;
  }
}

/** undefined for what vanished from a `live` tree, or became something else, while it was looked at. */
export function unlessGone<T>(live: boolean, look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (live && isChange(error)) return undefined;
    throw error;
  }
}

function namesIn(folder: BytePath): BytePath[] {
  try {
    // latin1: one character per byte, so that names which are not UTF-8 survive. Sorting is then in byte order.
    return readdirSync(nativePath(folder), { encoding: "latin1" }).sort();
  } catch (error) {
    throw unreadable(folder, error);
  }
}

function statsOf(host: BytePath): BigIntStats {
  try {
    return lstatSync(nativePath(host), { bigint: true });
  } catch (error) {
    throw unreadable(host, error);
  }
}

function realPath(from: string): BytePath {
  try {
    return realpathSync(from, { encoding: "latin1" });
  } catch (error) {
    throw unreadable(bytePath(from), error);
  }
}
