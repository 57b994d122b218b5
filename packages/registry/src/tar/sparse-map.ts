import type { ByteQueue } from "./byte-queue.ts";
import { BLOCK } from "./tar-header.ts";
import { headerNumber, paxNumber } from "./tar-number.ts";

/** A piece of a sparse file that is in the archive; between the pieces there are zeros. */
export interface SparsePiece {
  readonly offset: number;
  readonly size: number;
}

export interface SparseMap {
  readonly pieces: readonly SparsePiece[];
  /** Of the whole file, in bytes. */
  readonly realSize: number;
  /** What the map itself took of the entry's data, in bytes. */
  readonly mapBytes: number;
}

// Each piece is worth at least a block: a map of more than these describes a file of 500 MB in crumbs.
const MAX_PIECES = 1_000_000;

/** The map of an old GNU sparse file (type "S"): four pieces in the header, 21 in each block after it. undefined: malformed. */
export async function oldGnuMap(header: Buffer, bytes: ByteQueue): Promise<SparseMap | undefined> {
  const realSize = headerNumber(header.subarray(483, 495));
  const pieces = piecesOf(header, 386, 4);
  let more = header[482] !== 0;
  while (more && pieces.length < MAX_PIECES) {
    const block = await bytes.take(BLOCK);
    if (block.length < BLOCK) return undefined;
    pieces.push(...piecesOf(block, 0, 21));
    more = block[504] !== 0;
  }
  return more || realSize === undefined ? undefined : checked({ pieces, realSize, mapBytes: 0 });
}

function piecesOf(block: Buffer, start: number, count: number): SparsePiece[] {
  return Array.from({ length: count }, (_, index) => start + index * 24)
    .filter((at) => block[at] !== 0)
    .map((at) => ({
      offset: headerNumber(block.subarray(at, at + 12)) ?? -1,
      size: headerNumber(block.subarray(at + 12, at + 24)) ?? -1,
    }));
}

/** The map of a sparse file in the PAX form 1.0: decimal numbers, one a line, before the data, padded to a block. */
export async function paxMap(bytes: ByteQueue, realSize: number): Promise<SparseMap | undefined> {
  let text = "";
  let mapBytes = 0;
  const lines: string[] = [];
  let wanted = Number.POSITIVE_INFINITY;
  while (lines.length <= wanted) {
    const block = await bytes.take(BLOCK);
    if (block.length < BLOCK) return undefined;
    mapBytes += BLOCK;
    const parts = (text + block.toString("latin1")).split("\n");
    text = parts.pop() ?? "";
    lines.push(...parts);
    const count = paxNumber(lines[0] ?? "");
    if (count === undefined || count > MAX_PIECES || text.length > BLOCK) return undefined;
    wanted = count * 2;
  }
  const numbers = lines.slice(1, wanted + 1).map((line) => paxNumber(line) ?? -1);
  const pieces = Array.from({ length: wanted / 2 }, (_, index) => ({
    offset: numbers[index * 2] ?? -1,
    size: numbers[index * 2 + 1] ?? -1,
  }));
  return checked({ pieces, realSize, mapBytes });
}

/** Pieces in order, none over another, all within the file. */
function checked(map: SparseMap): SparseMap | undefined {
  let end = 0;
  for (const { offset, size } of map.pieces) {
    if (offset < end || size < 0) return undefined;
    end = offset + size;
  }
  return end <= map.realSize ? map : undefined;
}
