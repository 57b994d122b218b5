import { assertInside, type BytePath, bytePath, textOf } from "./byte-path.ts";
import { damagedStream } from "./tree-errors.ts";

/**
 * What precedes each entry. `folder`, `file`, `symlink`: themselves; `hardlink`: one more name of an earlier file of
 * the stream; `deleted`: the path is gone; `retracted`: the file just before it changed while it was read, and counts as never sent.
 */
export type EntryHeader =
  | { readonly type: "folder"; readonly path: BytePath; readonly mode: number; readonly mtimeNs: bigint }
  | FileHeader
  | { readonly type: "symlink"; readonly path: BytePath; readonly target: BytePath; readonly mtimeNs: bigint }
  | { readonly type: "hardlink"; readonly path: BytePath; readonly target: BytePath }
  | { readonly type: "deleted" | "retracted"; readonly path: BytePath };

export interface FileHeader {
  readonly type: "file";
  readonly path: BytePath;
  /** Permission bits with setuid, setgid and sticky: at most 0o7777. */
  readonly mode: number;
  readonly mtimeNs: bigint;
  /** Bytes of content that follow. */
  readonly size: number;
}

/** Longest header in bytes: two paths of 4096 bytes in the costliest spelling, and some. */
export const MAX_HEADER = 64 * 1024;

/** One line of JSON. Paths are text where they are UTF-8, and base64 under another key where they are not. */
export function encodeHeader(header: EntryHeader): string {
  const fields: Record<string, unknown> = { type: header.type, ...spelled("path", header.path) };
  if ("mode" in header) fields["mode"] = header.mode;
  if ("mtimeNs" in header) fields["mtime"] = String(header.mtimeNs);
  if (header.type === "file") fields["size"] = header.size;
  if ("target" in header) Object.assign(fields, spelled("target", header.target));
  return JSON.stringify(fields);
}

/** Throws CLUSTER_UNAVAILABLE for what is not a header, INVALID_REQUEST for a path that leads outside. */
export function decodeHeader(bytes: Buffer): EntryHeader {
  const fields = parsed(bytes);
  const path = pathField(fields, "path");
  assertInside(path);
  switch (fields["type"]) {
    case "folder":
      return { type: "folder", path, mode: modeField(fields), mtimeNs: timeField(fields) };
    case "file":
      return {
        type: "file",
        path,
        mode: modeField(fields),
        mtimeNs: timeField(fields),
        size: sizeField(fields),
      };
    case "symlink":
      return { type: "symlink", path, target: linkField(fields), mtimeNs: timeField(fields) };
    case "hardlink": {
      const target = pathField(fields, "target");
      assertInside(target);
      return { type: "hardlink", path, target };
    }
    case "deleted":
    case "retracted":
      return { type: fields["type"], path };
    default:
      throw damagedStream("an entry is of an unknown type");
  }
}

function spelled(key: string, path: BytePath): Record<string, string> {
  const text = textOf(path);
  // Decoding puts U+FFFD in the place of what is not UTF-8: only text that encodes to the same bytes may stand for them.
  return bytePath(text) === path
    ? { [key]: text }
    : { [`${key}64`]: Buffer.from(path, "latin1").toString("base64") };
}

function parsed(bytes: Buffer): Record<string, unknown> {
  let value: unknown;
  let cause: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    cause = error;
  }
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw damagedStream("an entry has no readable header", cause);
}

function pathField(fields: Record<string, unknown>, key: string): BytePath {
  const text = fields[key];
  if (typeof text === "string") return bytePath(text);
  const base64 = fields[`${key}64`];
  if (typeof base64 === "string") return Buffer.from(base64, "base64").toString("latin1");
  throw damagedStream(`an entry has no ${key}`);
}

/** A symlink's target is only text to us: it may lead anywhere, since nothing here ever follows it. */
function linkField(fields: Record<string, unknown>): BytePath {
  const target = pathField(fields, "target");
  if (target === "" || target.includes("\0")) throw damagedStream("a symbolic link has no target");
  return target;
}

function modeField(fields: Record<string, unknown>): number {
  const mode = fields["mode"];
  if (typeof mode === "number" && Number.isInteger(mode) && mode >= 0 && mode <= 0o7777) return mode;
  throw damagedStream("an entry has no valid mode");
}

function timeField(fields: Record<string, unknown>): bigint {
  const time = fields["mtime"];
  if (typeof time === "string" && /^-?\d{1,24}$/.test(time)) return BigInt(time);
  throw damagedStream("an entry has no valid time");
}

function sizeField(fields: Record<string, unknown>): number {
  const size = fields["size"];
  if (typeof size === "number" && Number.isSafeInteger(size) && size >= 0) return size;
  throw damagedStream("an entry has no valid size");
}
