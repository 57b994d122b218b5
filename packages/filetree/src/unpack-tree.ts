import { chmodSync, chownSync, lchownSync, linkSync, lutimesSync, symlinkSync, utimesSync } from "node:fs";
import { BuildError, isBuildError } from "@slipway/core";
import { type BytePath, bytePath, isWithin, nativePath, parentPath, shownPath } from "./byte-path.ts";
import type { EntryHeader, FileHeader } from "./entry-header.ts";
import { HostFolder, kindAt } from "./host-folder.ts";
import { StreamReader } from "./stream-reader.ts";
import { unwritable } from "./tree-errors.ts";
import type { TreeSummary } from "./tree-summary.ts";
import {
  type FileAttributes,
  type Owner,
  SMALL_BYTES,
  secondsOf,
  writeFile,
  writeSmallFile,
} from "./write-file.ts";

export interface UnpackOptions {
  /** Who owns everything unpacked. Only root may say so; others keep what they make. */
  readonly owner?: Owner | undefined;
  /** Prefixes in the stream below which every user may write: files get 0666, folders 0777, beside their own bits. */
  readonly worldWritable?: readonly string[] | undefined;
  /** Told for each entry when it is in place; `gone` for the news that the path is. */
  readonly onEntry?: ((path: BytePath, gone: boolean) => void) | undefined;
  /** Stops between two chunks; end the stream too, so that there is a next one. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks a stream into a folder that exists. Whatever the stream says, nothing is written outside the folder: paths
 * that lead out, also through a link that the stream itself made, are refused. What is in the way is replaced. A folder that
 * is said to be gone stays where it holds something that the stream does not name.
 *
 * Throws CLUSTER_UNAVAILABLE unless the stream is whole and matches its checksum; what was unpacked until then stays.
 * Throws INVALID_REQUEST for a hostile stream, RESOURCE_EXHAUSTED or INVALID_CONFIG where it cannot be written.
 */
export async function unpackTree(
  stream: AsyncIterable<Buffer>,
  root: string,
  options: UnpackOptions = {},
): Promise<TreeSummary> {
  const reader = new StreamReader(stream, options.signal);
  const unpacking = new Unpacking(bytePath(root), options);
  try {
    await reader.start();
    for (;;) {
      const header = reader.nextNow() ?? (await reader.next());
      if (header === undefined) break;
      if (header.type !== "file" || header.size > SMALL_BYTES) await unpacking.add(header, reader);
      else unpacking.addSmall(header, reader.takeNow(header.size) ?? (await reader.take(header.size)));
      options.onEntry?.(header.path, header.type === "deleted");
    }
    const summary = await reader.end();
    unpacking.finishFolders();
    return summary;
  } catch (error) {
    await reader.close();
    throw error;
  }
}

type FolderHeader = Extract<EntryHeader, { type: "folder" }>;

class Unpacking {
  readonly #folder: HostFolder;
  readonly #owner: Owner | undefined;
  readonly #worldWritable: readonly BytePath[];
  readonly #folders = new Map<BytePath, FolderHeader>();
  readonly #made = new Set<BytePath>();

  constructor(root: BytePath, { owner, worldWritable = [] }: UnpackOptions) {
    this.#folder = new HostFolder(root, (path) => this.#made.add(path));
    this.#owner = process.getuid?.() === 0 ? owner : undefined;
    this.#worldWritable = worldWritable.map(bytePath);
  }

  addSmall(header: FileHeader, content: Buffer): void {
    try {
      this.#ensureParent(header.path);
      writeSmallFile(this.#folder.hostOf(header.path), header, content, this.#attributes(header));
    } catch (error) {
      throw isBuildError(error) ? error : unwritable(header.path, error);
    }
  }

  async add(header: EntryHeader, reader: StreamReader): Promise<void> {
    try {
      if (header.type === "file") await this.#addFile(header, reader);
      else this.#addOther(header);
    } catch (error) {
      throw isBuildError(error) ? error : unwritable(header.path, error);
    }
  }

  /** Modes and times of folders, children first: a folder that may not be written, or its time, would not survive more entries. */
  finishFolders(): void {
    const deepestFirst = [...new Set([...this.#made, ...this.#folders.keys()])].sort((a, b) =>
      a < b ? 1 : -1,
    );
    for (const path of deepestFirst) {
      if (!this.#folder.isInside(path)) continue;
      try {
        this.#finishFolder(path, this.#folders.get(path));
      } catch (error) {
        throw unwritable(path, error);
      }
    }
  }

  #finishFolder(path: BytePath, header: FolderHeader | undefined): void {
    const host = nativePath(this.#folder.hostOf(path));
    if (this.#owner !== undefined) chownSync(host, this.#owner.uid, this.#owner.gid);
    // One that was made only because something lies in it gets what mkdir(1) would give it.
    chmodSync(host, this.#mode(path, header?.mode ?? 0o755, 0o777));
    if (header !== undefined) utimesSync(host, secondsOf(header.mtimeNs), secondsOf(header.mtimeNs));
  }

  async #addFile(header: FileHeader, reader: StreamReader): Promise<void> {
    this.#ensureParent(header.path);
    await writeFile(this.#folder.hostOf(header.path), header, reader, this.#attributes(header));
  }

  #attributes({ path, mode }: FileHeader): FileAttributes {
    return {
      mode: this.#mode(path, mode, 0o666),
      owner: this.#owner,
      occupied: () => this.#folder.remove(path),
    };
  }

  #addOther(header: Exclude<EntryHeader, FileHeader>): void {
    if (header.type !== "deleted") this.#ensureParent(header.path);
    switch (header.type) {
      case "folder":
        this.#addFolder(header);
        break;
      case "symlink":
        this.#addSymlink(header);
        break;
      case "hardlink":
        this.#addHardlink(header);
        break;
      case "deleted":
        if (this.#folder.isInside(parentPath(header.path))) this.#folder.removeUnlessFilled(header.path);
        break;
      case "retracted":
        throw hostile(`${shownPath(header.path)} is taken back, and it is in place already`);
    }
  }

  #addSymlink({ path, target, mtimeNs }: Extract<EntryHeader, { type: "symlink" }>): void {
    this.#folder.remove(path);
    const host = nativePath(this.#folder.hostOf(path));
    symlinkSync(nativePath(target), host);
    if (this.#owner !== undefined) lchownSync(host, this.#owner.uid, this.#owner.gid);
    lutimesSync(host, secondsOf(mtimeNs), secondsOf(mtimeNs));
  }

  #addHardlink({ path, target }: Extract<EntryHeader, { type: "hardlink" }>): void {
    this.#assertLinkable(target);
    if (target === path) return;
    this.#folder.remove(path);
    linkSync(nativePath(this.#folder.hostOf(target)), nativePath(this.#folder.hostOf(path)));
  }

  #addFolder(header: FolderHeader): void {
    this.#folder.ensure(header.path, (path) => this.#folder.remove(path));
    this.#folders.set(header.path, header);
  }

  #ensureParent(path: BytePath): void {
    this.#folder.ensure(parentPath(path), (obstacle) => {
      throw hostile(`${shownPath(path)} lies below ${shownPath(obstacle)}, which is not a folder`);
    });
  }

  #assertLinkable(target: BytePath): void {
    if (this.#folder.isInside(parentPath(target)) && kindAt(this.#folder.hostOf(target)) === "file") return;
    throw hostile(`a hard link leads to ${shownPath(target)}, which is not an earlier file`);
  }

  #mode(path: BytePath, mode: number, writable: number): number {
    return this.#worldWritable.some((prefix) => isWithin(path, prefix)) ? mode | writable : mode;
  }
}

function hostile(what: string): BuildError {
  return new BuildError("INVALID_REQUEST", `The file stream is refused: ${what}`, {
    remedy: "Look for who else writes to this pod: the sender never makes such a stream",
  });
}
