import type { BytePath } from "@slipway/core";
import { headerNumber } from "./tar-number.ts";

export const BLOCK = 512;

/** A header block as it is: POSIX.1-2001 "ustar Interchange Format", or that of GNU tar. */
export interface TarHeader {
  readonly name: BytePath;
  readonly linkName: BytePath;
  /** The type flag, one character. */
  readonly flag: string;
  /** undefined: no number. */
  readonly size: number | undefined;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: bigint;
  readonly devMajor: number;
  readonly devMinor: number;
  /** Names of the fields that hold no number, or a negative one where there is none; they are 0 above. */
  readonly badFields: readonly string[];
  readonly gnu: boolean;
}

/** Undefined where the block does not have the sum that it says. */
export function parseHeader(block: Buffer): TarHeader | undefined {
  if (!hasItsSum(block)) return undefined;
  const badFields: string[] = [];
  const number = (name: string, start: number, end: number, lowest = 0): number => {
    const value = headerNumber(block.subarray(start, end));
    if (value !== undefined && value >= lowest) return value;
    badFields.push(name);
    return 0;
  };
  const magic = block.toString("latin1", 257, 263);
  const gnu = magic === "ustar ";
  const posix = magic === "ustar\0";
  const prefix = posix ? text(block, 345, 500) : "";
  const name = text(block, 0, 100);
  const device = gnu || posix;
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkName: text(block, 157, 257),
    flag: String.fromCharCode(block[156] ?? 0),
    size: headerNumber(block.subarray(124, 136)),
    mode: number("mode", 100, 108),
    uid: number("uid", 108, 116),
    gid: number("gid", 116, 124),
    mtime: BigInt(number("mtime", 136, 148, Number.MIN_SAFE_INTEGER)) * 1_000_000_000n,
    devMajor: device ? number("devmajor", 329, 337) : 0,
    devMinor: device ? number("devminor", 337, 345) : 0,
    badFields,
    gnu,
  };
}

export function isEmptyBlock(block: Buffer): boolean {
  for (let index = 0; index < block.length; index += 1) if (block[index] !== 0) return false;
  return true;
}

/** Of all bytes, those of the sum itself taken as blanks; some old programs took bytes for signed. */
function hasItsSum(block: Buffer): boolean {
  let unsigned = 8 * 0x20;
  let signed = unsigned;
  for (let index = 0; index < BLOCK; index += 1) {
    if (index === 148) index = 156;
    const byte = block[index] ?? 0;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const said = headerNumber(block.subarray(148, 156));
  return said === unsigned || said === signed;
}

/** Up to the first NUL. */
function text(block: Buffer, start: number, end: number): BytePath {
  const nul = block.indexOf(0, start);
  return block.toString("latin1", start, nul === -1 || nul > end ? end : nul);
}
