import type { BytePath } from "@slipway/core";
import type { PaxRecords } from "./pax-records.ts";
import type { TarDefect, TarEntry, TarType } from "./tar-entry.ts";
import type { TarHeader } from "./tar-header.ts";
import { paxNumber, paxTime } from "./tar-number.ts";

/** What came before a header and says something of its entry. */
export interface ExtendedHeader {
  readonly records?: PaxRecords;
  /** GNU types "L" and "K". */
  readonly longName?: BytePath;
  readonly longLink?: BytePath;
}

/** An entry put together, with what was wrong with its numbers; its size is that of its data in the archive. */
export interface AssembledEntry {
  readonly entry: TarEntry;
  readonly defects: readonly TarDefect[];
  /** Of a sparse file in the PAX form 1.0: its size with the holes. */
  readonly sparseSize?: number;
  /** It is sparse in a way that is not read. */
  readonly unreadable?: true;
}

const XATTR = "SCHILY.xattr.";
const NO_XATTRS: ReadonlyMap<string, Buffer> = new Map();
const NO_RECORDS: PaxRecords = new Map();
// Old archives have NUL for files, and "7" is a file whose blocks lie together.
const TYPES: Readonly<Record<string, TarType>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  S: "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "chardev",
  "4": "blockdev",
  "5": "folder",
  "6": "fifo",
};

/** Lays extended headers over a header; undefined where its type is unknown. Throws the text of what makes it unreadable. */
export function assembleEntry(header: TarHeader, extended: ExtendedHeader): AssembledEntry | undefined {
  const records = extended.records ?? NO_RECORDS;
  const field = (key: string): string | undefined => {
    const value = records.get(key);
    // An empty value takes a global one back: the header's counts again.
    return value === undefined || value.length === 0 ? undefined : value.toString("latin1");
  };
  const name = field("GNU.sparse.name") ?? field("path") ?? extended.longName ?? header.name;
  const type = header.flag === "\0" && name.endsWith("/") ? "folder" : TYPES[header.flag];
  if (type === undefined) return undefined;
  const bad = [...header.badFields];
  const overlaid = <T>(key: string, parse: (text: string) => T | undefined, plain: T): T => {
    const text = field(key);
    if (text === undefined) return plain;
    const index = bad.indexOf(key);
    if (index !== -1) bad.splice(index, 1);
    const value = parse(text);
    if (value === undefined) bad.push(key);
    return value ?? plain;
  };
  const size = overlaid("size", paxNumber, header.size ?? -1);
  const sparse = sparseOf(field);
  const entry = {
    name,
    type,
    mode: header.mode & 0o7777,
    uid: overlaid("uid", paxNumber, header.uid),
    gid: overlaid("gid", paxNumber, header.gid),
    size: type === "file" ? size : 0,
    mtime: overlaid("mtime", paxTime, header.mtime),
    linkName: field("linkpath") ?? extended.longLink ?? header.linkName,
    devMajor: header.devMajor,
    devMinor: header.devMinor,
    xattrs: xattrsOf(records),
  };
  const defects = bad.map((key): TarDefect => ({ rule: "tar-number", name, found: `${key} of ${name}` }));
  return { entry, defects, ...sparse };
}

/** GNU tar, "Sparse Formats": 1.0 has its map before the data; the two forms before it are hardly written any more. */
function sparseOf(field: (key: string) => string | undefined): { sparseSize?: number; unreadable?: true } {
  const major = field("GNU.sparse.major");
  const size = paxNumber(field("GNU.sparse.realsize") ?? "");
  if (major === "1" && field("GNU.sparse.minor") === "0" && size !== undefined) return { sparseSize: size };
  const others = ["GNU.sparse.map", "GNU.sparse.numblocks", "GNU.sparse.size"];
  return major !== undefined || others.some((key) => field(key) !== undefined) ? { unreadable: true } : {};
}

function xattrsOf(records: PaxRecords): ReadonlyMap<string, Buffer> {
  let xattrs: Map<string, Buffer> | undefined;
  for (const [key, value] of records) {
    if (!key.startsWith(XATTR)) continue;
    xattrs ??= new Map();
    xattrs.set(key.slice(XATTR.length), value);
  }
  return xattrs ?? NO_XATTRS;
}
