import { createHash, type Hash } from "node:crypto";
import type { Digest } from "@slipway/core";
import type { Descriptor } from "../image-manifest.ts";
import { readTar } from "../tar/read-tar.ts";
import { type Compression, compressionIn, compressionOf, decompress } from "./decompress.ts";
import type { DefectRule, ImageDefect } from "./image-defect.ts";
import type { LayerChange } from "./image-file.ts";
import type { ImageSource } from "./image-source.ts";
import { LayerCollector } from "./layer-collector.ts";
import { readBlob } from "./read-blob.ts";
import type { ReadMeter } from "./read-meter.ts";

/** One layer as it was read, in one pass. */
export interface LayerContent {
  /** What the uncompressed bytes hash to; undefined where they cannot be read. */
  readonly diffId: Digest | undefined;
  readonly changes: readonly LayerChange[];
  /** Of the blob and the archive, without the number of the layer. */
  readonly defects: readonly ImageDefect[];
}

/** Hashes, unpacks and lists a layer. */
export async function readLayer(
  source: ImageSource,
  descriptor: Descriptor,
  meter: ReadMeter,
): Promise<LayerContent> {
  const blobDefects: ImageDefect[] = [];
  const report = (rule: DefectRule, found: string) => blobDefects.push({ rule, found });
  const collector = new LayerCollector(meter);
  const hash = createHash("sha256");
  const blob = readBlob(source, descriptor, report);
  const unpacked = new UnpackedLayer(blob, descriptor.mediaType, report);
  await readTar(counted(unpacked, hash, meter), collector);
  collector.finish();
  const missing = blobDefects.some(({ rule }) => rule === "blob-missing");
  // How much of damaged data comes out depends on how it came in; and no unpacker takes any of it.
  const readable = !missing && !unpacked.damaged;
  return {
    diffId: readable ? `sha256:${hash.digest("hex")}` : undefined,
    changes: readable ? collector.changes : [],
    defects: readable ? [...blobDefects, ...collector.defects] : blobDefects,
  };
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  hash: Hash,
  meter: ReadMeter,
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of source) {
    meter.unpacked(chunk.length);
    hash.update(chunk);
    yield chunk;
  }
}

/** Believes the bytes, and compares the media type with them. */
class UnpackedLayer {
  damaged = false;
  readonly #blob: AsyncIterable<Uint8Array>;
  readonly #mediaType: string;
  readonly #report: (rule: DefectRule, found: string) => void;

  constructor(
    blob: AsyncIterable<Uint8Array>,
    mediaType: string,
    report: (rule: DefectRule, found: string) => void,
  ) {
    this.#blob = blob;
    this.#mediaType = mediaType;
    this.#report = report;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    const chunks = this.#blob[Symbol.asyncIterator]();
    const first = await chunks.next();
    if (first.done === true) return;
    const said = compressionOf(this.#mediaType);
    const found = compressionIn(first.value);
    if (said !== found)
      this.#report("blob-compression", `${nameOf(said)} by its media type, ${nameOf(found)} by its bytes`);
    yield* decompress(resumed(first.value, chunks), found, (problem) => {
      this.damaged = true;
      this.#report("blob-compression", problem);
    });
  }
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
