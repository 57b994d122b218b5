import { closeSync, openSync, readSync } from "node:fs";
import { constants, gunzipSync } from "node:zlib";

/**
 * What ADD makes of a file: it unpacks archives, whatever their names. `compressed`: in gzip, but no archive. Of `xz` and
 * `zstd` it is not known what is inside.
 */
export type ArchiveKind = "archive" | "compressed" | "xz" | "zstd" | "none";

const HEAD_BYTES = 16 * 1024;

/** Looks at the first bytes of a file. */
export function archiveKind(path: string): ArchiveKind {
  const head = headOf(path);
  if (startsWith(head, "1f8b08")) return isTar(gunzipped(head)) ? "archive" : "compressed";
  // Nothing here unpacks bzip2; what else would be in it?
  if (startsWith(head, "425a68")) return "archive";
  if (startsWith(head, "fd377a585a00")) return "xz";
  if (startsWith(head, "28b52ffd")) return "zstd";
  return isTar(head) ? "archive" : "none";
}

function headOf(path: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(path, "r");
  try {
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

function startsWith(head: Buffer, hex: string): boolean {
  return head.subarray(0, hex.length / 2).equals(Buffer.from(hex, "hex"));
}

function gunzipped(head: Buffer): Buffer {
  try {
    // The head of a file ends in the middle; what it unpacks to is bounded, since it may be a bomb.
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 32 * 1024 * 1024 });
  } catch {
    return Buffer.alloc(0);
  }
}

const BLOCK_BYTES = 512;
const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;

/** By the checksum of the first header, which every format of tar has: the sum of its bytes, with blanks for itself. */
function isTar(content: Buffer): boolean {
  if (content.length < BLOCK_BYTES) return false;
  const header = Buffer.from(content.subarray(0, BLOCK_BYTES));
  const checksum = header.subarray(CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES);
  const wanted = Number.parseInt(checksum.toString("latin1").replace(/[\0 ]+/g, ""), 8);
  checksum.fill(" ");
  return header.reduce((sum, byte) => sum + byte, 0) === wanted;
}
