import { spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { BuildError } from "@slipway/core";
import { type Header, pack } from "tar-stream";
import type { ArchivedEntry, RecipeEntry } from "./corpus-case.ts";
import { attributesOf } from "./recipe-attributes.ts";
import { contentOf } from "./recipe-content.ts";

const TYPES = {
  file: "file",
  folder: "directory",
  symlink: "symlink",
  hardlink: "link",
  fifo: "fifo",
  chardev: "character-device",
  blockdev: "block-device",
} as const;

/** Programs for what Node cannot compress. One thread, no name, no time: the same bytes each time. */
const COMPRESSORS = {
  bzip2: ["bzip2", "-c"],
  xz: ["xz", "-c", "-T1"],
  zstd: ["zstd", "-c", "-q", "--single-thread"],
} as const;

/** Makes the archive of a recipe, byte for byte the same each time. Throws INVALID_CONFIG when a compressor is not installed. */
export async function packArchive({ entries = [], compression = "none" }: RecipeEntry): Promise<Buffer> {
  const tar = pack();
  for (const entry of entries) tar.entry(headerOf(entry), contentOf(entry) ?? Buffer.alloc(0));
  tar.finalize();
  const bytes = await buffer(tar);
  if (compression === "none") return bytes;
  if (compression === "gzip") return gzipSync(bytes);
  return await compress(bytes, COMPRESSORS[compression]);
}

function headerOf(entry: ArchivedEntry): Partial<Header> & Pick<Header, "name"> {
  const { mode, uid, gid, mtime } = attributesOf(entry);
  const [devmajor, devminor] = (entry.device ?? "0:0").split(":").map(Number);
  return {
    name: entry.path,
    type: TYPES[entry.type],
    // The bits above the mode are cut off by tar-stream, which takes a plain 0 for "none given".
    mode: mode | 0o10000,
    uid,
    gid,
    mtime,
    ...(entry.target === undefined ? {} : { linkname: entry.target }),
    ...(devmajor === undefined || devminor === undefined ? {} : { devmajor, devminor }),
    ...(entry.xattrs === undefined ? {} : { pax: xattrRecords(entry.xattrs) }),
  };
}

/** As every tar that knows extended attributes writes them: PAX records SCHILY.xattr.NAME. */
function xattrRecords(xattrs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(xattrs).map(([name, value]) => [`SCHILY.xattr.${name}`, textOf(value)]),
  );
}

function textOf(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.every((byte) => byte < 0x80)) return bytes.toString("latin1");
  throw new BuildError("INVALID_CONFIG", "An extended attribute of an archive has a byte above 0x7f", {
    remedy: "Use a value of bytes below 0x80: the archive is written with text in its records",
  });
}

function compress(bytes: Buffer, [program, ...args]: readonly [string, ...string[]]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => reject(noCompressor(program, error)));
    child.on("close", (code) =>
      code === 0 ? resolve(Buffer.concat(chunks)) : reject(noCompressor(program)),
    );
    // A program that is gone closes the pipe; "close" or "error" above tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(bytes);
  });
}

function noCompressor(program: string, cause?: unknown): BuildError {
  return new BuildError("INVALID_CONFIG", `An archive of the corpus needs the program ${program}`, {
    remedy: `Install it: apt-get install ${program === "xz" ? "xz-utils" : program}`,
    cause,
  });
}
