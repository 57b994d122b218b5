import { isBuildError } from "@slipway/core";
import { ApplyRoot } from "./apply-root.ts";
import { type BytePath, bytePath, isWithin, shownPath, textOf } from "./byte-path.ts";
import type { EntryHeader } from "./entry-header.ts";
import { removeAt } from "./host-folder.ts";
import { StreamReader } from "./stream-reader.ts";
import { damagedStream, type Unapplied, unapplied, unwritable } from "./tree-errors.ts";
import type { TreeSummary } from "./tree-summary.ts";
import { writeFile } from "./write-file.ts";

export interface ApplyOptions {
  /** Stops between two chunks; end the stream too, so that there is a next one. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings folders of this machine up to date with a stream of changes. `roots`: prefix in the stream → folder here, which
 * exists; the longest prefix that fits decides. Links inside the folders are replaced, never followed, and the
 * folders themselves are neither replaced nor deleted.
 *
 * Nothing changes before the whole stream has arrived and matched its checksum: content waits beside its folder and
 * is then renamed into place. Files lose setuid and setgid, and what is ours stays readable and writable for us.
 * A deleted folder that here holds something the other side never had stays.
 *
 * Throws CLUSTER_UNAVAILABLE for a cut or damaged stream; and, after everything else was applied, an error that names
 * what could not be.
 */
export async function applyChanges(
  stream: AsyncIterable<Buffer>,
  roots: ReadonlyMap<string, string>,
  options: ApplyOptions = {},
): Promise<AppliedSummary> {
  const reader = new StreamReader(stream, options.signal);
  const changes = new Changes(roots);
  try {
    await reader.start();
    for (let header = await reader.next(); header !== undefined; header = await reader.next()) {
      await changes.stage(header, reader);
    }
    const summary = await reader.end();
    const failures = changes.apply();
    if (failures.length > 0) throw unapplied(failures);
    return { ...summary, leftOut: changes.leftOut };
  } catch (error) {
    await reader.close();
    throw error;
  } finally {
    changes.close();
  }
}

export interface AppliedSummary extends TreeSummary {
  /** Files that never came to rest while they were sent. What is here in their place stays as it is. */
  readonly leftOut: readonly string[];
}

interface StagedEntry {
  readonly header: EntryHeader;
  readonly root: ApplyRoot;
  /** Below the root. */
  readonly path: BytePath;
  /** Where the content of a file waits. */
  readonly waiting?: BytePath;
}

class Changes {
  readonly #roots: readonly ApplyRoot[];
  readonly #keep: readonly BytePath[];
  readonly #entries: StagedEntry[] = [];
  readonly #failures: Unapplied[] = [];
  readonly #retracted = new Set<BytePath>();

  constructor(roots: ReadonlyMap<string, string>) {
    const all = [...roots].map(([prefix, folder]) => makeRoot(prefix, folder));
    // Longest first: the first that fits is then the one that decides.
    this.#roots = all.sort((a, b) => b.prefix.length - a.prefix.length);
    this.#keep = all.map(({ host }) => host);
  }

  get leftOut(): readonly string[] {
    return [...this.#retracted].map(textOf);
  }

  /** Takes an entry off the stream. Nothing that can be seen changes. */
  async stage(header: EntryHeader, reader: StreamReader): Promise<void> {
    const root = this.#rootOf(header.path);
    const path = root?.inside(header.path) ?? "";
    if (root === undefined || path === "") return this.#drop(header, reader);
    if (header.type === "retracted") return this.#retract(header.path);
    if (header.type !== "file") {
      this.#entries.push({ header, root, path });
      return;
    }
    const waiting = guarded(header.path, () => root.waitingPlace());
    const mode = (header.mode & 0o777) | 0o600;
    await writeFile(waiting, header, reader, { mode, occupied: () => undefined });
    this.#entries.push({ header, root, path, waiting });
    this.#retracted.delete(header.path);
  }

  /** The file just before it: another one of that path may follow. */
  #retract(path: BytePath): void {
    const last = this.#entries.at(-1);
    if (last?.waiting === undefined || last.header.path !== path)
      throw damagedStream(`${shownPath(path)} is taken back, and was not the file before`);
    removeAt(last.waiting);
    this.#entries.pop();
    this.#retracted.add(path);
  }

  /** Puts everything into place; returns what could not be. */
  apply(): readonly Unapplied[] {
    const deleted = this.#entries.filter(({ header }) => header.type === "deleted");
    const made = this.#entries.filter(({ header }) => header.type !== "deleted");
    // Children before the folders that hold them; and before anything new, which may need the place.
    for (const entry of deleted.sort(deepestFirst)) this.#attempt(entry, () => this.#settle(entry));
    for (const entry of made) this.#attempt(entry, () => this.#settle(entry));
    for (const entry of made.sort(deepestFirst)) this.#attempt(entry, () => finish(entry));
    return this.#failures;
  }

  close(): void {
    for (const root of this.#roots) root.close();
  }

  #settle({ header, root, path, waiting }: StagedEntry): void {
    if (header.type === "deleted") root.delete(path, this.#keep);
    else if (header.type === "folder") root.settleFolder(path, this.#keep);
    else if (header.type === "symlink") root.settleSymlink(header.target, path, this.#keep);
    else if (header.type === "hardlink") root.settleHardlink(this.#linked(header.target), path, this.#keep);
    else if (waiting !== undefined) root.settle(waiting, path, this.#keep);
  }

  #linked(target: BytePath): BytePath {
    const root = this.#rootOf(target);
    const file = root?.fileAt(root.inside(target));
    if (file === undefined) throw new Error("the file it is linked to is not there");
    return file;
  }

  /** What stands for no file of ours: the folders above the roots and the roots themselves. Anything else is reported. */
  async #drop(header: EntryHeader, reader: StreamReader): Promise<void> {
    if (header.type === "file") {
      for (let left = header.size; left > 0; ) left -= (await reader.some(left)).length;
    }
    const aboveRoots = this.#roots.some(({ prefix }) => isWithin(prefix, header.path));
    if (aboveRoots && (header.type === "folder" || header.type === "deleted")) return;
    this.#failures.push({ path: header.path, cause: new Error("no folder of the runner stands for it") });
  }

  #rootOf(path: BytePath): ApplyRoot | undefined {
    return this.#roots.find(({ prefix }) => isWithin(path, prefix));
  }

  #attempt({ header }: StagedEntry, action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.#failures.push({ path: header.path, cause });
    }
  }
}

function finish({ header, root, path }: StagedEntry): void {
  if (header.type === "folder") root.finishFolder(path, (header.mode & 0o1777) | 0o700, header.mtimeNs);
}

function deepestFirst(a: StagedEntry, b: StagedEntry): number {
  return a.path < b.path ? 1 : -1;
}

function makeRoot(prefix: string, folder: string): ApplyRoot {
  return guarded(bytePath(folder), () => new ApplyRoot(prefix, folder));
}

function guarded<T>(path: BytePath, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw isBuildError(error) ? error : unwritable(path, error);
  }
}
