import { createReadStream } from "node:fs";
import { posix } from "node:path";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { textOf } from "@slipway/core";
import { readTar, type TarEntry } from "@slipway/registry/image";

/** An entry of an archive that Kaniko does not unpack as it should. */
export interface LostEntry {
  readonly name: string;
  readonly what: string;
}

/** The first such entry; undefined when there is none, or when the archive cannot be read, of which Kaniko tells. */
export async function lostEntry(path: string): Promise<LostEntry | undefined> {
  let found: LostEntry | undefined;
  const enough = new Error("found one");
  const sink = {
    entry: (entry: TarEntry) => {
      const what = lossOf(entry);
      if (what === undefined) return;
      found = { name: textOf(entry.name), what };
      throw enough;
    },
    content: () => undefined,
    end: () => undefined,
    defect: () => undefined,
  };
  const file = createReadStream(path);
  try {
    await readTar((await isGzip(path)) ? pipeline(file, createGunzip(), () => undefined) : file, sink);
  } catch {
    return found;
  } finally {
    file.destroy();
  }
  return undefined;
}

/** Kaniko's ExtractFile makes files, folders and links, and joins destination and name as they are. */
function lossOf({ type, name }: TarEntry): string | undefined {
  if (["fifo", "chardev", "blockdev"].includes(type)) return "leaves out";
  return /^\.\.(?:\/|$)/.test(posix.normalize(name)) ? "puts elsewhere" : undefined;
}

async function isGzip(path: string): Promise<boolean> {
  for await (const head of createReadStream(path, { end: 1 }))
    return (head as Buffer).equals(Buffer.of(0x1f, 0x8b));
  return false;
}
