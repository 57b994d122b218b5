import { closeSync, openSync, readSync } from "node:fs";

/** What an ELF file says about names (elf(5), System V gABI chapters 4 and 5). */
export interface ElfNames {
  /** Its loader; programs only. */
  readonly interpreter: string | undefined;
  /** The name by which others ask for it; libraries only. */
  readonly soname: string | undefined;
}

const [PT_LOAD, PT_DYNAMIC, PT_INTERP] = [1, 2, 3];
const [DT_NULL, DT_STRTAB, DT_SONAME] = [0, 5, 14];
/** Longest name that is read: PATH_MAX. */
const MAX_NAME = 4096;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** undefined for a file that is not ELF of 64 bits, little-endian: no other Node 20 runs on Linux but s390x. */
export function elfNames(path: string): ElfNames | undefined {
  const file = openSync(path, "r");
  try {
    const read = (offset: number, length: number) => {
      const buffer = Buffer.alloc(length);
      return buffer.subarray(0, readSync(file, buffer, 0, length, offset));
    };
    const header = read(0, 64);
    if (header.length < 64 || header.toString("latin1", 0, 6) !== "\x7fELF\x02\x01") return undefined;
    const segments = segmentsOf(header, read);
    const interpreter = segments.find(({ type }) => type === PT_INTERP);
    return {
      interpreter: interpreter && textAt(read(interpreter.offset, Math.min(interpreter.size, MAX_NAME))),
      soname: sonameOf(segments, read),
    };
  } finally {
    closeSync(file);
  }
}

type Read = (offset: number, length: number) => Buffer;

function segmentsOf(header: Buffer, read: Read): readonly Segment[] {
  const [start, entry, count] = [number(header, 32), header.readUInt16LE(54), header.readUInt16LE(56)];
  const table = read(start, entry * count);
  return Array.from({ length: count }, (_, at) => {
    const row = table.subarray(at * entry);
    return {
      type: row.readUInt32LE(0),
      offset: number(row, 8),
      address: number(row, 16),
      size: number(row, 32),
    };
  });
}

function sonameOf(segments: readonly Segment[], read: Read): string | undefined {
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined) return undefined;
  const tags = new Map<number, number>();
  const table = read(dynamic.offset, dynamic.size);
  for (let at = 0; at + 16 <= table.length && number(table, at) !== DT_NULL; at += 16) {
    tags.set(number(table, at), number(table, at + 8));
  }
  const [texts, name] = [tags.get(DT_STRTAB), tags.get(DT_SONAME)];
  if (texts === undefined || name === undefined) return undefined;
  const address = texts + name;
  const holder = segments.find(
    (segment) =>
      segment.type === PT_LOAD && address >= segment.address && address < segment.address + segment.size,
  );
  return holder && textAt(read(address - holder.address + holder.offset, MAX_NAME));
}

/** Offsets and addresses in files; tags of processors may be too large to be exact, and are not asked for. */
function number(buffer: Buffer, at: number): number {
  return Number(buffer.readBigUInt64LE(at));
}

function textAt(buffer: Buffer): string {
  const end = buffer.indexOf(0);
  return buffer.toString("utf8", 0, end < 0 ? buffer.length : end);
}
