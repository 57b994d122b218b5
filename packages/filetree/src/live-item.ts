import { lstatSync } from "node:fs";
import { nativePath } from "./byte-path.ts";
import { type FoundItem, SMALL_BYTES } from "./pack-entries.ts";
import { readLoosely, readSmall, readTarget } from "./read-content.ts";
import { isChange } from "./tree-errors.ts";
import type { FoundEntry } from "./tree-summary.ts";

/** A second look usually finds a quiet moment; a log that is written all the time never has one. */
const TRIES = 3;

/**
 * What to pack of an entry while programs are at work on it; undefined when it is gone. Small files and links are read here, before the
 * stream says anything of them.
 */
export function liveItem(found: FoundEntry, onLeftOut: () => void): FoundItem | undefined {
  let entry = found;
  for (let tries = 1; ; tries += 1) {
    if (entry.stats.isFile() && entry.stats.size > SMALL_BYTES) return { found: entry, onLeftOut };
    try {
      if (entry.stats.isSymbolicLink()) return { found: entry, target: readTarget(entry) };
      if (!entry.stats.isFile()) return { found: entry };
      return tries < TRIES ? steady(entry) : { found: entry, content: readLoosely(entry) };
    } catch (error) {
      if (!isChange(error)) throw error;
    }
    const stats = lstatSync(nativePath(entry.host), { bigint: true, throwIfNoEntry: false });
    if (stats === undefined || tries > TRIES) return undefined;
    entry = { ...entry, stats };
  }
}

function steady(found: FoundEntry): FoundItem {
  const content = Buffer.allocUnsafe(Number(found.stats.size));
  readSmall(found, content);
  return { found, content };
}
