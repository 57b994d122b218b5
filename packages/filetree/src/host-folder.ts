import { lstatSync, mkdirSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { type BytePath, joinPath, nativePath, parentPath } from "./byte-path.ts";

export type HostKind = "folder" | "file" | "symlink" | "other" | "nothing";

/** What is at a path, links not followed. */
export function kindAt(host: BytePath): HostKind {
  const stats = lstatSync(nativePath(host), { throwIfNoEntry: false });
  if (stats === undefined) return "nothing";
  if (stats.isDirectory()) return "folder";
  if (stats.isFile()) return "file";
  return stats.isSymbolicLink() ? "symlink" : "other";
}

/** Removes whatever is at the path, a folder with all it holds; links are removed, not followed. */
export function removeAt(host: BytePath): void {
  const kind = kindAt(host);
  if (kind === "folder") rmSync(nativePath(host), { recursive: true });
  else if (kind !== "nothing") unlinkSync(nativePath(host));
}

/**
 * The folders below one root that were looked at and are folders, not links to some: what lies in them is inside
 * the root. Node has no openat(2), so each is looked at once, and forgotten when something else takes its place.
 */
export class HostFolder {
  readonly #root: BytePath;
  readonly #known = new Set<BytePath>([""]);
  readonly #onMade: (path: BytePath) => void;

  constructor(root: BytePath, onMade: (path: BytePath) => void = () => undefined) {
    this.#root = root;
    this.#onMade = onMade;
  }

  /** Where the path is on this machine. Only safe to use once its parent is `ensured` or `isInside`. */
  hostOf(path: BytePath): BytePath {
    return joinPath(this.#root, path);
  }

  /**
   * Makes a folder, and those above it, where they are missing. What is no folder but in the way goes to `obstacle`,
   * which removes it or throws.
   */
  ensure(path: BytePath, obstacle: (path: BytePath) => void): void {
    if (this.#known.has(path)) return;
    this.ensure(parentPath(path), obstacle);
    const host = this.hostOf(path);
    const kind = kindAt(host);
    if (kind !== "folder") {
      if (kind !== "nothing") obstacle(path);
      // Private until its entry says otherwise; and writable for us whatever the entry will say.
      mkdirSync(nativePath(host), 0o700);
      this.#onMade(path);
    }
    this.#known.add(path);
  }

  /** True when every part of the path is a folder: then nothing in it can lead outside. */
  isInside(path: BytePath): boolean {
    if (this.#known.has(path)) return true;
    if (!this.isInside(parentPath(path)) || kindAt(this.hostOf(path)) !== "folder") return false;
    this.#known.add(path);
    return true;
  }

  /** Clears the way for something that is no folder. */
  remove(path: BytePath): void {
    if (this.#known.has(path)) this.forget(path);
    removeAt(this.hostOf(path));
  }

  /** Removes a file, a link or an empty folder. A folder that holds something stays: it was never sent. */
  removeUnlessFilled(path: BytePath): void {
    const host = this.hostOf(path);
    if (kindAt(host) !== "folder") {
      removeAt(host);
      return;
    }
    try {
      rmdirSync(nativePath(host));
      this.forget(path);
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }

  /** To be called when something else removed a folder. */
  forget(path: BytePath): void {
    for (const known of this.#known)
      if (known === path || known.startsWith(`${path}/`)) this.#known.delete(known);
  }
}
