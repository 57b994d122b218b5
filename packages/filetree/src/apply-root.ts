import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { type BytePath, bytePath, isWithin, joinPath, nativePath, parentPath } from "./byte-path.ts";
import { HostFolder, kindAt } from "./host-folder.ts";
import { errnoOf } from "./tree-errors.ts";
import { secondsOf } from "./write-file.ts";

/** One folder of this machine that takes changes: where they wait, and how they get into place. Throws system errors. */
export class ApplyRoot {
  /** The path in the stream that this folder stands for. */
  readonly prefix: BytePath;
  /** The folder itself, links resolved: what is reached through it stays below it. */
  readonly host: BytePath;
  readonly #folder: HostFolder;
  #stage: BytePath | undefined;
  #staged = 0;

  constructor(prefix: string, folder: string) {
    this.prefix = bytePath(prefix);
    this.host = realpathSync(folder, { encoding: "latin1" });
    this.#folder = new HostFolder(this.host);
  }

  /** The path below this folder for a path in the stream. */
  inside(path: BytePath): BytePath {
    return this.prefix === "" ? path : path.slice(this.prefix.length + 1);
  }

  /** A new name, on the same file system as the folder, for something to be renamed into place. */
  waitingPlace(): BytePath {
    this.#stage ??= makeStage(this.host);
    this.#staged += 1;
    return joinPath(this.#stage, String(this.#staged));
  }

  /** Moves what waits into place, over whatever is there. */
  settle(waiting: BytePath, path: BytePath, keep: readonly BytePath[]): void {
    this.#folder.ensure(parentPath(path), (obstacle) => this.#clear(obstacle, keep));
    // rename(2) replaces all but folders by itself, without a moment in which nothing is there.
    if (kindAt(this.#folder.hostOf(path)) === "folder") this.#clear(path, keep);
    renameSync(nativePath(waiting), nativePath(this.#folder.hostOf(path)));
  }

  settleSymlink(target: BytePath, path: BytePath, keep: readonly BytePath[]): void {
    const waiting = this.waitingPlace();
    symlinkSync(nativePath(target), nativePath(waiting));
    this.settle(waiting, path, keep);
  }

  /** `from` is a file of this machine, as `fileAt` found it. */
  settleHardlink(from: BytePath, path: BytePath, keep: readonly BytePath[]): void {
    const waiting = this.waitingPlace();
    try {
      linkSync(nativePath(from), nativePath(waiting));
    } catch (error) {
      // Another file system, or a file of another user (fs.protected_hardlinks): a copy has the content at least.
      if (!["EXDEV", "EPERM"].includes(errnoOf(error))) throw error;
      copyFileSync(nativePath(from), nativePath(waiting));
    }
    this.settle(waiting, path, keep);
  }

  settleFolder(path: BytePath, keep: readonly BytePath[]): void {
    this.#folder.ensure(path, (obstacle) => this.#clear(obstacle, keep));
  }

  /** Where a file is that no link leads to; undefined where there is none. */
  fileAt(path: BytePath): BytePath | undefined {
    const host = this.#folder.hostOf(path);
    return this.#folder.isInside(parentPath(path)) && kindAt(host) === "file" ? host : undefined;
  }

  /** Deletes a file, a link or an empty folder. A folder that is not empty holds what was never sent: it stays. */
  delete(path: BytePath, keep: readonly BytePath[]): void {
    const host = this.#folder.hostOf(path);
    if (!this.#folder.isInside(parentPath(path)) || isKept(host, keep)) return;
    this.#folder.removeUnlessFilled(path);
  }

  /** To be called children first, when everything else is in place. */
  finishFolder(path: BytePath, mode: number, mtimeNs: bigint): void {
    if (!this.#folder.isInside(path)) return;
    const host = nativePath(this.#folder.hostOf(path));
    chmodSync(host, mode);
    utimesSync(host, secondsOf(mtimeNs), secondsOf(mtimeNs));
  }

  /** Removes what still waits. */
  close(): void {
    if (this.#stage !== undefined) rmSync(nativePath(this.#stage), { recursive: true, force: true });
  }

  #clear(path: BytePath, keep: readonly BytePath[]): void {
    if (isKept(this.#folder.hostOf(path), keep)) throw new Error("it is a folder of the runner");
    this.#folder.remove(path);
  }
}

/** True for the folders themselves and for those that hold one: one root often lies in another. */
function isKept(host: BytePath, keep: readonly BytePath[]): boolean {
  return keep.some((kept) => isWithin(kept, host));
}

/** Beside the folder, where no step sees it; in it, where the folder is a mount point or its parent is not ours. */
function makeStage(host: BytePath): BytePath {
  const beside = madeIn(parentPath(host));
  if (beside !== undefined && deviceOf(beside) === deviceOf(host)) return beside;
  if (beside !== undefined) rmdirSync(nativePath(beside));
  return mkdtempSync(nativeText(joinPath(host, ".slipway-")), { encoding: "latin1" });
}

function madeIn(parent: BytePath): BytePath | undefined {
  try {
    return mkdtempSync(nativeText(joinPath(parent === "" ? "/" : parent, ".slipway-")), {
      encoding: "latin1",
    });
  } catch {
    return undefined;
  }
}

function deviceOf(host: BytePath): number {
  return statSync(nativePath(host)).dev;
}

/** mkdtemp takes text only (Node 20), which roots, given as text, always are. */
function nativeText(path: BytePath): string {
  return Buffer.from(path, "latin1").toString("utf8");
}
