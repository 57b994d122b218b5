import { createHash, type Hash } from "node:crypto";
import { type BytePath, joinPath, parentPath } from "@slipway/core";
import type { TarDefect, TarEntry, TarSink } from "../tar/tar-entry.ts";
import { entryPath } from "./entry-path.ts";
import { type DefectRule, type ImageDefect, MAX_DEFECTS } from "./image-defect.ts";
import {
  type FileAttributes,
  type FileType,
  KEPT_BYTES,
  KEPT_BYTES_OF_LAYER,
  type LayerChange,
} from "./image-file.ts";
import type { ReadMeter } from "./read-meter.ts";

const WHITEOUT = ".wh.";
// Before the rule above: as a whiteout it would delete a file called ".wh..opq".
const OPAQUE = ".wh..wh..opq";
const RESERVED = ".wh..wh.";
const HASH_OF_NOTHING = createHash("sha256").digest("hex");

/** Takes one layer's archive and makes changes of it. */
export class LayerCollector implements TarSink {
  readonly changes: LayerChange[] = [];
  readonly defects: ImageDefect[] = [];
  readonly #meter: Pick<ReadMeter, "entry" | "content">;
  readonly #names = new Set<BytePath>();
  readonly #deleted: BytePath[] = [];
  #open: { readonly entry: TarEntry; readonly path: BytePath; readonly content: OpenContent } | undefined;
  #keepable = KEPT_BYTES_OF_LAYER;

  constructor(meter: Pick<ReadMeter, "entry" | "content">) {
    this.#meter = meter;
  }

  entry(entry: TarEntry): void {
    this.#meter.entry();
    this.#open = undefined;
    const { path, defect } = entryPath(entry.name);
    if (defect !== undefined) this.#defect(defect, entry.name, "");
    if (path === undefined) return;
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (name.startsWith(WHITEOUT)) this.#marker(path, name);
    else this.#named(entry, path);
  }

  content(bytes: Buffer): void {
    this.#meter.content(bytes.length);
    this.#open?.content.add(bytes);
  }

  end(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.changes.push({ kind: "entry", path: open.path, file: attributesOf(open.entry, open.content) });
    this.#open = undefined;
  }

  defect({ rule, name, found }: TarDefect): void {
    this.#defect(rule, name, found);
  }

  /** When the archive is read: what only all of it can tell. */
  finish(): void {
    for (const path of this.#deleted) if (this.#names.has(path)) this.#defect("whiteout-and-entry", path, "");
  }

  #named(entry: TarEntry, path: BytePath): void {
    if (this.#names.has(path)) this.#defect("duplicate-name", path, "");
    this.#names.add(path);
    if (entry.type === "hardlink") this.#hardLink(entry, path);
    else this.#begin(entry, path);
  }

  #begin(entry: TarEntry, path: BytePath): void {
    const keep = entry.size <= KEPT_BYTES && entry.size <= this.#keepable;
    if (keep) this.#keepable -= entry.size;
    this.#open = { entry, path, content: new OpenContent(entry.type === "file" && entry.size > 0, keep) };
  }

  #marker(path: BytePath, name: string): void {
    const folder = parentPath(path);
    if (name === OPAQUE) this.changes.push({ kind: "opaque", path: folder });
    else if (name.startsWith(RESERVED) || name === WHITEOUT) this.#defect("reserved-name", path, "");
    else this.#whiteout(joinPath(folder, name.slice(WHITEOUT.length)));
  }

  #whiteout(path: BytePath): void {
    this.#deleted.push(path);
    this.changes.push({ kind: "whiteout", path });
  }

  #hardLink({ linkName, mode, uid, gid }: TarEntry, path: BytePath): void {
    // An absolute target is below the root of the image for every unpacker.
    const { path: to } = entryPath(linkName);
    if (to === undefined) this.#defect("missing-link-target", path, linkName);
    else this.changes.push({ kind: "hardlink", path, to, mode, uid, gid });
  }

  #defect(rule: DefectRule, path: BytePath | undefined, found: string): void {
    if (this.defects.length < MAX_DEFECTS)
      this.defects.push({ rule, found, ...(path === undefined ? {} : { path }) });
  }
}

/** The hash of a file's content, and the content itself where it is small. */
class OpenContent {
  readonly #hash: Hash | undefined;
  readonly #kept: Buffer[] | undefined;

  constructor(hashed: boolean, keep: boolean) {
    this.#hash = hashed ? createHash("sha256") : undefined;
    this.#kept = keep ? [] : undefined;
  }

  add(bytes: Buffer): void {
    this.#hash?.update(bytes);
    this.#kept?.push(Buffer.from(bytes));
  }

  end(): { sha256: string; content?: Buffer } {
    const sha256 = this.#hash?.digest("hex") ?? HASH_OF_NOTHING;
    if (this.#kept === undefined) return { sha256 };
    const [first, ...more] = this.#kept;
    return { sha256, content: first !== undefined && more.length === 0 ? first : Buffer.concat(this.#kept) };
  }
}

function attributesOf(entry: TarEntry, content: OpenContent): FileAttributes {
  const { mode, uid, gid, size, mtime, xattrs } = entry;
  const type = entry.type as FileType;
  const common = { type, mode, uid, gid, size, mtime, xattrs };
  if (type === "file") return { ...common, ...content.end() };
  if (type === "symlink") return { ...common, mode: 0o777, target: entry.linkName };
  if (type === "chardev" || type === "blockdev")
    return { ...common, devMajor: entry.devMajor, devMinor: entry.devMinor };
  return common;
}
