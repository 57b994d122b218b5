import { createHash } from "node:crypto";
import type { Digest } from "@slipway/core";
import type { Descriptor } from "../image-manifest.ts";
import { readTar } from "../tar/read-tar.ts";
import { type Compression, compressionIn, compressionOf, decompress } from "./decompress.ts";
import type { DefectRule, ImageDefect } from "./image-defect.ts";
import type { LayerChange } from "./image-file.ts";
import type { ImageSource } from "./image-source.ts";
import { LayerCollector } from "./layer-collector.ts";
import { readBlob } from "./read-blob.ts";

/** One layer as it was read, in one pass. */
export interface LayerContent {
  /** What the uncompressed bytes hash to. */
  readonly diffId: Digest;
  readonly changes: readonly LayerChange[];
  /** Of the blob and the archive, without the number of the layer. */
  readonly defects: readonly ImageDefect[];
}

// What damaged compression does to the archive in it: no news.
const CONSEQUENCES: ReadonlySet<DefectRule> = new Set(["tar-truncated", "tar-no-end", "tar-checksum"]);

/** Hashes, unpacks and lists a layer. `account` is told of entries and of bytes of content, and may throw. */
export async function readLayer(
  source: ImageSource,
  descriptor: Descriptor,
  account: (entries: number, bytes: number) => void,
): Promise<LayerContent> {
  const blobDefects: ImageDefect[] = [];
  const report = (rule: DefectRule, found: string) => blobDefects.push({ rule, found });
  const collector = new LayerCollector(account);
  const hash = createHash("sha256");
  const blob = readBlob(source, descriptor, report);
  await readTar(hashed(unpacked(blob, descriptor.mediaType, report), hash), collector);
  collector.finish();
  const broken = blobDefects.some(({ rule }) => rule === "blob-compression" || rule === "blob-missing");
  const archiveDefects = broken
    ? collector.defects.filter(({ rule }) => !CONSEQUENCES.has(rule))
    : collector.defects;
  return {
    diffId: `sha256:${hash.digest("hex")}`,
    changes: collector.changes,
    defects: [...blobDefects, ...archiveDefects],
  };
}

async function* hashed(
  source: AsyncIterable<Uint8Array>,
  hash: { update(bytes: Uint8Array): unknown },
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Believes the bytes, and compares the media type with them. */
async function* unpacked(
  blob: AsyncIterable<Uint8Array>,
  mediaType: string,
  report: (rule: DefectRule, found: string) => void,
): AsyncGenerator<Uint8Array, void> {
  const chunks = blob[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const said = compressionOf(mediaType);
  const found = compressionIn(first.value);
  if (said !== found)
    report("blob-compression", `${nameOf(said)} by its media type, ${nameOf(found)} by its bytes`);
  const whole = resumed(first.value, chunks);
  yield* decompress(whole, found, (problem) => report("blob-compression", problem));
}

async function* resumed(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function nameOf(compression: Compression): string {
  return compression === "none" ? "uncompressed" : compression;
}
