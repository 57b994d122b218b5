import type { BytePath } from "@slipway/core";

export type TarType = "file" | "folder" | "hardlink" | "symlink" | "chardev" | "blockdev" | "fifo";

/** One member of an archive, with what extended headers say of it. Every text is bytes, one character each (latin1). */
export interface TarEntry {
  /** As the archive spells it. */
  readonly name: BytePath;
  readonly type: TarType;
  /** Permissions with setuid, setgid and sticky: at most 07777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content that follow: 0 for everything but a file. */
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  /** Of a symlink or hard link, as the archive spells it. */
  readonly linkName: BytePath;
  readonly devMajor: number;
  readonly devMinor: number;
  /** Extended attributes: PAX records `SCHILY.xattr.NAME`. */
  readonly xattrs: ReadonlyMap<string, Buffer>;
}

/** What can be wrong with an archive. After those of the first group the rest of it cannot be read. */
export const TAR_DEFECTS = {
  "tar-truncated": "it ends within an entry",
  "tar-checksum": "a header does not have the sum that it says",
  "tar-size": "a header has no usable size",
  "tar-extended-header": "an extended header is malformed or longer than 1 MiB",
  "tar-sparse": "a sparse file has a map that cannot be, or one of an old form",

  "tar-number": "a number in a header is none, or negative",
  "tar-unknown-type": "an entry is of a type that no unpacker of images knows",
  "tar-global-header": "a global header says something of entries: the unpackers of images do not listen",
  "tar-no-end": "the two empty blocks at the end are missing",
  "tar-garbage": "something follows the end",
} as const;

export type TarDefectRule = keyof typeof TAR_DEFECTS;

export interface TarDefect {
  readonly rule: TarDefectRule;
  /** Of the entry, where there is one. */
  readonly name?: BytePath;
  /** What was found, for people. */
  readonly found: string;
}

/** Who gets what an archive holds, in its order. May throw, which ends the reading. */
export interface TarSink {
  entry(entry: TarEntry): void;
  /** Of the last entry: content in pieces, each valid during the call only. */
  content(bytes: Buffer): void;
  /** The content of the last entry was whole. */
  end(): void;
  defect(defect: TarDefect): void;
}
