import { setImmediate as nextTurn } from "node:timers/promises";
import { BuildError } from "@slipway/core";
import { type BytePath, textOf } from "./byte-path.ts";
import type { EntryHeader } from "./entry-header.ts";
import { packLiveFile } from "./pack-live-file.ts";
import { readLarge, readSmall, readTarget } from "./read-content.ts";
import { StreamWriter } from "./stream-writer.ts";
import type { FoundEntry, PackSummary, TreeLimits } from "./tree-summary.ts";
import { kindOf } from "./walk-tree.ts";

/** Up to here a file is read in one synchronous call. A quarter of a chunk, so that chunks are mostly full. */
export const SMALL_BYTES = 64 * 1024;

/** Names of what was left out that the summary lists. */
const NAMED = 5;

/** A piece of a stream: something found on disk, text to become a file, or the news that a path is gone. */
export type PackItem =
  | FoundItem
  | { readonly text: Buffer; readonly path: BytePath }
  | { readonly deleted: BytePath };

export interface FoundItem {
  readonly found: FoundEntry;
  /** Of a small file that was read already. */
  readonly content?: Buffer;
  /** Of a link that was read already. */
  readonly target?: BytePath;
  /** The file may be written to meanwhile. Told when it never came to rest, so that it is not in the stream. */
  readonly onLeftOut?: () => void;
}

/** Writes items as one stream, in their order. The chunks are the consumer's to keep. */
export async function* packEntries(
  items: Iterable<PackItem>,
  limits?: TreeLimits,
): AsyncGenerator<Buffer, PackSummary> {
  const writer = new StreamWriter();
  const skipped: BytePath[] = [];
  const links = new Map<string, BytePath>();
  for (const item of items) {
    if ("deleted" in item) writer.header({ type: "deleted", path: item.deleted });
    else if ("text" in item) addText(writer, item.path, item.text);
    else {
      const header = headerOf(item, links);
      if (header === undefined) skipped.push(item.found.path);
      else {
        assertWithin(writer, header, limits);
        writer.header(header);
        if (header.type === "file" && !addNow(writer, item, header.size))
          yield* addLarge(writer, item, links);
      }
    }
    if (!writer.hasFull) continue;
    yield* writer.full();
    // Synchronous reads must not keep everything else of the process waiting for long.
    await nextTurn();
  }
  const { chunks, summary } = writer.end();
  yield* chunks;
  return { ...summary, skipped: { count: skipped.length, first: skipped.slice(0, NAMED).map(textOf) } };
}

/** What is small goes without a promise; false for what is not. */
function addNow(writer: StreamWriter, { found, content }: FoundItem, size: number): boolean {
  if (content !== undefined) content.copy(writer.content(size));
  else if (size <= SMALL_BYTES) readSmall(found, writer.content(size));
  else return false;
  return true;
}

async function* addLarge(
  writer: StreamWriter,
  { found, onLeftOut }: FoundItem,
  links: Map<string, BytePath>,
): AsyncGenerator<Buffer, void> {
  yield* writer.flushed();
  if (onLeftOut === undefined) {
    for await (const piece of readLarge(found)) yield writer.large(piece);
    return;
  }
  const onRetracted = () => forget(links, found.path);
  if (!(yield* packLiveFile(writer, found, onRetracted))) onLeftOut();
}

function addText(writer: StreamWriter, path: BytePath, text: Buffer): void {
  writer.header({ type: "file", path, mode: 0o644, mtimeNs: 0n, size: text.length });
  for (let at = 0; at < text.length; at += SMALL_BYTES) {
    const part = text.subarray(at, at + SMALL_BYTES);
    part.copy(writer.content(part.length));
  }
}

/** The header for what was found, or undefined for what a stream does not carry. */
function headerOf(
  { found, content, target }: FoundItem,
  links: Map<string, BytePath>,
): EntryHeader | undefined {
  const { path, stats } = found;
  const mode = Number(stats.mode & 0o7777n);
  const mtimeNs = stats.mtimeNs;
  switch (kindOf(stats)) {
    case "folder":
      return { type: "folder", path, mode, mtimeNs };
    case "symlink":
      return { type: "symlink", path, target: target ?? readTarget(found), mtimeNs };
    case "file": {
      const first = stats.nlink > 1n ? firstName(links, `${stats.dev}:${stats.ino}`, path) : path;
      if (first !== path) return { type: "hardlink", path, target: first };
      return { type: "file", path, mode, mtimeNs, size: content?.length ?? Number(stats.size) };
    }
    default:
      return undefined;
  }
}

function firstName(links: Map<string, BytePath>, inode: string, path: BytePath): BytePath {
  const first = links.get(inode);
  if (first !== undefined) return first;
  links.set(inode, path);
  return path;
}

/** Other names of the file come as files then: what is at this path may be another by now. */
function forget(links: Map<string, BytePath>, path: BytePath): void {
  for (const [inode, first] of links) if (first === path) links.delete(inode);
}

function assertWithin(writer: StreamWriter, header: EntryHeader, limits: TreeLimits | undefined): void {
  if (limits === undefined) return;
  if (writer.entries >= limits.maxEntries)
    throw beyond(`more than ${limits.maxEntries} entries`, "maxEntries", limits);
  const bytes = writer.bytes + (header.type === "file" ? header.size : 0);
  if (bytes > limits.maxBytes) throw beyond(`more than ${limits.maxBytes} bytes`, "maxBytes", limits);
}

function beyond(what: string, limit: "maxEntries" | "maxBytes", { settingNames }: TreeLimits): BuildError {
  return new BuildError("CONTEXT_UNAVAILABLE", `The files to send are ${what}`, {
    remedy: `Exclude what is not needed with .dockerignore, or raise ${settingNames?.[limit] ?? "the limit"}`,
    details: { limit },
  });
}
