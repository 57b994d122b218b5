import type { TarType } from "../tar/tar-entry.ts";
import { BLOCK } from "../tar/tar-header.ts";

/** A member of an archive to be made. Texts are bytes, one character each. */
export interface TestEntry {
  readonly name: string;
  /** "file" when left out. */
  readonly type?: TarType;
  /** 0755 for folders, 0644 for everything else. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Nanoseconds since 1970. */
  readonly mtime?: bigint;
  readonly content?: string | Buffer;
  readonly linkName?: string;
  readonly devMajor?: number;
  readonly devMinor?: number;
  readonly xattrs?: Readonly<Record<string, Buffer>>;
}

/** How an archive says what does not fit into a header of 1988. */
export type TarFormat = "pax" | "gnu";

const FLAGS: Readonly<Record<TarType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  chardev: "3",
  blockdev: "4",
  folder: "5",
  fifo: "6",
};
const SECOND = 1_000_000_000n;
/** 2024-01-02T03:04:05Z, as the entries of contexts have it. */
export const TEST_MTIME = 1_704_164_645n * SECOND;
/** Two empty blocks. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** An archive, made with code that the reader does not share; the same bytes each time. */
export function makeTar(entries: readonly TestEntry[], format: TarFormat = "pax"): Buffer {
  return Buffer.concat([...entries.map((entry) => tarEntry(entry, format)), TAR_END]);
}

/** One member, without the end of an archive. */
export function tarEntry(entry: TestEntry, format: TarFormat = "pax"): Buffer {
  const content = Buffer.from(entry.content ?? "");
  const extended = format === "pax" ? paxHeader(entry, content.length) : gnuHeaders(entry);
  return Buffer.concat([extended, tarHeader(entry, content.length, format), padded(content)]);
}

/** A header with any type flag, and a sum that is right. */
export function tarHeader(
  { name, type = "file", linkName = "", uid = 0, gid = 0, devMajor = 0, devMinor = 0, ...entry }: TestEntry,
  size: number,
  format: TarFormat = "pax",
  flag = FLAGS[type],
): Buffer {
  const block = Buffer.alloc(BLOCK);
  const number = (value: number, at: number, width: number) =>
    format === "gnu" && value >= 8 ** (width - 1)
      ? block.writeUIntBE(value, at + width - 6, 6) && block.writeUInt8(0x80, at)
      : block.write(octal(value, width - 1), at, "latin1");
  block.write(name.slice(0, 100), 0, "latin1");
  number(entry.mode ?? (type === "folder" ? 0o755 : 0o644), 100, 8);
  number(uid, 108, 8);
  number(gid, 116, 8);
  number(size, 124, 12);
  number(Number((entry.mtime ?? TEST_MTIME) / SECOND), 136, 12);
  block.write(flag, 156, "latin1");
  block.write(linkName.slice(0, 100), 157, "latin1");
  block.write(format === "pax" ? "ustar\x0000" : "ustar  \0", 257, "latin1");
  number(devMajor, 329, 8);
  number(devMinor, 337, 8);
  return withSum(block);
}

/** Writes the sum that the header has now. */
export function withSum(block: Buffer): Buffer {
  block.write("        ", 148, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return block;
}

/** Records of an extended header, each with its own length in front. */
export function paxRecords(records: readonly (readonly [key: string, value: string | Buffer])[]): Buffer {
  return Buffer.concat(
    records.map(([key, value]) => {
      const rest = Buffer.concat([Buffer.from(` ${key}=`, "latin1"), Buffer.from(value), Buffer.from("\n")]);
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
      return Buffer.concat([Buffer.from(String(length)), rest]);
    }),
  );
}

/** A member that says something of the next one: "x", "g", "L", "K". */
export function extensionEntry(flag: string, body: Buffer): Buffer {
  return Buffer.concat([tarHeader({ name: "extension" }, body.length, "pax", flag), padded(body)]);
}

export function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

function paxHeader(
  { name, linkName = "", uid = 0, gid = 0, mtime = TEST_MTIME, xattrs }: TestEntry,
  size: number,
): Buffer {
  const records: (readonly [string, string | Buffer])[] = [];
  if (name.length > 100) records.push(["path", Buffer.from(name, "latin1")]);
  if (linkName.length > 100) records.push(["linkpath", Buffer.from(linkName, "latin1")]);
  for (const [key, value] of Object.entries({ uid, gid }))
    if (value >= 8 ** 7) records.push([key, String(value)]);
  if (size >= 8 ** 11) records.push(["size", String(size)]);
  if (mtime % SECOND !== 0n)
    records.push(["mtime", `${mtime / SECOND}.${String(mtime % SECOND).padStart(9, "0")}`]);
  for (const [key, value] of Object.entries(xattrs ?? {})) records.push([`SCHILY.xattr.${key}`, value]);
  return records.length === 0 ? Buffer.alloc(0) : extensionEntry("x", paxRecords(records));
}

function gnuHeaders({ name, linkName = "" }: TestEntry): Buffer {
  const long = (flag: string, text: string) =>
    text.length > 100 ? extensionEntry(flag, Buffer.from(`${text}\0`, "latin1")) : Buffer.alloc(0);
  return Buffer.concat([long("L", name), long("K", linkName)]);
}

function octal(value: number, width: number): string {
  // What does not fit is in the extended header.
  return (value % 8 ** width).toString(8).padStart(width, "0");
}
