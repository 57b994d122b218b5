import type { BytePath } from "./byte-path.ts";

/** What a stream carried; both ends compute it, and they must agree. */
export interface TreeSummary {
  readonly entries: number;
  /** Bytes of file content. */
  readonly bytes: number;
  /** Hash of the whole stream up to its trailer, lower-case hexadecimal. */
  readonly sha256: string;
}

/** What the sender also knows. */
export interface PackSummary extends TreeSummary {
  /** FIFOs, sockets and devices, which no stream carries. */
  readonly skipped: { readonly count: number; readonly first: readonly string[] };
}

/** Caps for what is sent. */
export interface TreeLimits {
  readonly maxEntries: number;
  /** Bytes of file content. */
  readonly maxBytes: number;
  /** Names of the settings that decide them, for remedies. */
  readonly settingNames?: { readonly maxEntries?: string; readonly maxBytes?: string };
}

/** First bytes of every stream, with the version of the format. */
export const MAGIC = Buffer.from("slipway-tree 1\n");

/** The last bytes of a stream. One spelling only, so that the receiver compares bytes and a flipped one never goes unnoticed. */
export function trailerOf({ entries, bytes, sha256 }: TreeSummary): Buffer {
  return Buffer.from(`${JSON.stringify({ entries, bytes, sha256 })}\n`);
}

/** An entry found on disk, before its content is read. */
export interface FoundEntry {
  /** Where it is on this machine. */
  readonly host: BytePath;
  /** Where it goes in the stream. */
  readonly path: BytePath;
  readonly stats: import("node:fs").BigIntStats;
}
