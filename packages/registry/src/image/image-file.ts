import type { BytePath } from "@slipway/core";

export type FileType = "file" | "folder" | "symlink" | "fifo" | "chardev" | "blockdev";

/** What an image says of one path. */
export interface FileAttributes {
  readonly type: FileType;
  /** At most 07777; 0777 for every symlink, whose mode means nothing on Linux. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes, holes of sparse files included; 0 for everything but a file. */
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  /** Name to value, both as bytes: the name one character per byte. */
  readonly xattrs: ReadonlyMap<string, Buffer>;
  /** Of a file: hexadecimal. */
  readonly sha256?: string;
  /** Of a small file, to be shown: see `KEPT_BYTES`. */
  readonly content?: Buffer;
  /** Of a symlink: as bytes. */
  readonly target?: BytePath;
  /** Of a device. */
  readonly devMajor?: number;
  readonly devMinor?: number;
}

/** A path of the flattened image. */
export interface ImageFile extends FileAttributes {
  /** Paths with the same number are hard links of one file. It means nothing beyond its image. */
  readonly inode: number;
}

/** What one layer does to what is below it (OCI image specification, layer.md, "Change Types"). */
export type LayerChange =
  | { readonly kind: "entry"; readonly path: BytePath; readonly file: FileAttributes }
  | {
      readonly kind: "hardlink";
      readonly path: BytePath;
      readonly to: BytePath;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  /** The path is gone, with all below it. */
  | { readonly kind: "whiteout"; readonly path: BytePath }
  /** All that lower layers have in this folder is gone. */
  | { readonly kind: "opaque"; readonly path: BytePath };

/** Files of at most so many bytes are kept, to be shown … */
export const KEPT_BYTES = 4096;
/** … and of one layer no more than this. */
export const KEPT_BYTES_OF_LAYER = 4 * 1024 * 1024;
