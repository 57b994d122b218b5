import { assertInside, type BytePath, bytePath, isWithin } from "./byte-path.ts";
import { liveItem } from "./live-item.ts";
import { type PackItem, packEntries } from "./pack-entries.ts";
import { signatureOf, type TreeSnapshot } from "./snapshot-tree.ts";
import type { PackSummary } from "./tree-summary.ts";
import { unlessGone, walkBelow } from "./walk-tree.ts";

export interface ChangesOptions {
  /**
   * Programs are at work in the tree: what vanishes meanwhile is left out, what grows goes as it was found, and what changes otherwise is
   * read again, and left out when it never comes to rest. All of it is another change the next time. Otherwise each is an error.
   */
  readonly live?: boolean;
  readonly onChange?: OnChange;
}

/** Told for each entry that goes into a stream of changes: what it looked like before it was read, or undefined for one that is gone. */
export type OnChange = (path: BytePath, signature: string | undefined) => void;

/**
 * Packs what is different from a snapshot of the same folder: entries that are new or were touched, then those that
 * are gone, children first. `only`: prefixes to look at; everything when left out. Nothing else is listed, however much
 * there is. Throws as packTree does.
 */
export function packChanges(
  root: string,
  snapshot: TreeSnapshot,
  only: readonly string[] = [""],
  options: ChangesOptions = {},
): AsyncGenerator<Buffer, PackSummary> {
  const prefixes = only.map(bytePath);
  for (const prefix of prefixes) if (prefix !== "") assertInside(prefix);
  return packEntries(changesIn(root, snapshot, outermost(prefixes), options));
}

function* changesIn(
  root: string,
  snapshot: TreeSnapshot,
  only: readonly BytePath[],
  { live = false, onChange }: ChangesOptions,
): Generator<PackItem, void> {
  const seen = new Set<BytePath>();
  for (const prefix of only) {
    for (const found of walkBelow(root, prefix, live)) {
      const signature = unlessGone(live, () => signatureOf(found));
      // A socket in the place of a file: the file is gone, and what replaced it cannot be sent.
      if (signature !== "other") seen.add(found.path);
      if (signature === undefined || snapshot.get(found.path) === signature) continue;
      let isLeftOut = false;
      const leaveOut = () => {
        isLeftOut = true;
      };
      const item = live ? liveItem(found, leaveOut) : { found };
      if (item === undefined) continue;
      yield item;
      // As it was before it was read: a change since then is seen the next time.
      if (!isLeftOut) onChange?.(found.path, signature);
    }
  }
  for (const path of goneFrom(snapshot, only, seen)) {
    yield { deleted: path };
    onChange?.(path, undefined);
  }
}

/** Children first. */
function goneFrom(
  snapshot: TreeSnapshot,
  only: readonly BytePath[],
  seen: ReadonlySet<BytePath>,
): BytePath[] {
  const wanted = (path: BytePath) => only.some((prefix) => isWithin(path, prefix));
  const gone: BytePath[] = [];
  for (const [path, before] of snapshot) {
    if (before !== "other" && !seen.has(path) && wanted(path)) gone.push(path);
  }
  return gone.sort((a, b) => (a < b ? 1 : -1));
}

/** Without those that lie in another: each entry comes once. */
function outermost(prefixes: readonly BytePath[]): BytePath[] {
  const each = [...new Set(prefixes)];
  return each.filter((path) => !each.some((other) => other !== path && isWithin(path, other)));
}
