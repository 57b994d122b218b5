import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { type BytePath, joinPath } from "@slipway/core";
import type { FileAttributes, FileType, ImageFile } from "@slipway/registry/image";

type Stats = Awaited<ReturnType<typeof statOf>>;

const NO_XATTRS: ReadonlyMap<string, Buffer> = new Map();

/** A folder of this machine as a flattened image, without extended attributes, which Node cannot read. */
export async function readUnpackedTree(root: string): Promise<ReadonlyMap<BytePath, ImageFile>> {
  const files = new Map<BytePath, ImageFile>();
  const pending: BytePath[] = [""];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const native = nativePath(root, path);
    const stats = await statOf(native);
    files.set(path, { ...(await attributesOf(native, stats)), inode: Number(stats.ino) });
    if (!stats.isDirectory()) continue;
    const parent = path;
    const names = await readdir(native, { encoding: "latin1" });
    pending.push(...names.map((name) => joinPath(parent, name)));
  }
  return files;
}

function statOf(native: Buffer) {
  return lstat(native, { bigint: true });
}

function nativePath(root: string, path: BytePath): Buffer {
  return Buffer.concat([Buffer.from(root), Buffer.from(path === "" ? "" : `/${path}`, "latin1")]);
}

async function attributesOf(native: Buffer, stats: Stats): Promise<FileAttributes> {
  const type = typeOf(stats);
  const common = {
    type,
    mode: type === "symlink" ? 0o777 : Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: type === "file" ? Number(stats.size) : 0,
    mtime: stats.mtimeNs,
    xattrs: NO_XATTRS,
  };
  if (type === "file") return { ...common, sha256: await hashOf(native) };
  if (type === "symlink") return { ...common, target: await readlink(native, { encoding: "latin1" }) };
  return type === "chardev" || type === "blockdev" ? { ...common, ...deviceOf(stats.rdev) } : common;
}

function typeOf(stats: Stats): FileType {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isFIFO()) return "fifo";
  return stats.isBlockDevice() ? "blockdev" : "chardev";
}

async function hashOf(native: Buffer): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(native)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** As glibc packs the two numbers into one (sys/sysmacros.h). */
function deviceOf(rdev: bigint): { devMajor: number; devMinor: number } {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  return { devMajor: Number(major), devMinor: Number(minor & 0xffffffffn) };
}
