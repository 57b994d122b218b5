import { lstatSync } from "node:fs";
import { type BytePath, bytePath, joinPath, nativePath } from "./byte-path.ts";
import { packChanges } from "./pack-changes.ts";
import { signatureOf } from "./snapshot-tree.ts";
import type { PackSummary, TreeSummary } from "./tree-summary.ts";
import { type UnpackOptions, unpackTree } from "./unpack-tree.ts";
import { unlessGone } from "./walk-tree.ts";

/** Changes on their way to the other end. */
export interface TrackedChanges {
  readonly stream: AsyncGenerator<Buffer, PackSummary>;
  /** To be called when the other end has put all of them into place: they are no changes any more. */
  confirm(): void;
}

/** A folder here, and what of it the other end has as well: files come from there, and what was changed here goes back. */
export class TrackedTree {
  readonly #root: string;
  readonly #known = new Map<BytePath, string>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Unpacks a stream over what is there; what it holds is then known to both ends. Throws as unpackTree does: what was unpacked
   * until then stays, and the same stream may be taken again.
   */
  async take(
    stream: AsyncIterable<Buffer>,
    options: Omit<UnpackOptions, "onEntry"> = {},
  ): Promise<TreeSummary> {
    const touched = new Map<BytePath, boolean>();
    const onEntry = (path: BytePath, gone: boolean) => touched.set(path, gone);
    const summary = await unpackTree(stream, this.#root, { ...options, onEntry });
    // Only now: a hard link that comes later, or the mode of a folder, changes an entry once more.
    for (const [path, gone] of touched) this.#remember(path, gone);
    return summary;
  }

  /** What is different from what both ends know, below these prefixes, though programs are still at work there. The stream throws as packTree does. */
  changes(only: readonly string[]): TrackedChanges {
    const sent: [BytePath, string | undefined][] = [];
    const onChange = (path: BytePath, signature: string | undefined) => sent.push([path, signature]);
    const stream = packChanges(this.#root, this.#known, only, { live: true, onChange });
    const confirm = () => {
      for (const [path, signature] of sent) this.#set(path, signature);
    };
    return { stream, confirm };
  }

  #remember(path: BytePath, gone: boolean): void {
    const host = joinPath(bytePath(this.#root), path);
    const stats = gone ? undefined : lstatSync(nativePath(host), { bigint: true, throwIfNoEntry: false });
    this.#set(path, stats && unlessGone(true, () => signatureOf({ host, path, stats })));
  }

  #set(path: BytePath, signature: string | undefined): void {
    if (signature === undefined) this.#known.delete(path);
    else this.#known.set(path, signature);
  }
}
