import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BuildError, type Digest } from "@slipway/core";
import type { ImageSource } from "../image/image-source.ts";
import { makeTar, type TarFormat, type TestEntry } from "./make-tar.ts";
import { digestOf } from "./registry-store.ts";

/** An image to be made. What is left out is as a well-formed image has it. */
export interface TestImageRecipe {
  /** Entries, or a whole archive. */
  readonly layers: readonly (readonly TestEntry[] | Buffer)[];
  /** Laid over the config file. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly family?: "oci" | "docker";
  readonly compression?: "none" | "gzip" | "zstd";
  /** Of gzip: 0 to 9. */
  readonly level?: number;
  readonly format?: TarFormat;
  /** Changes a layer's blob after its diff_id was taken, and before its digest is. */
  readonly editLayer?: (blob: Buffer, index: number) => Buffer;
  /** Change the JSON: what they return is written as it is. */
  readonly editConfig?: (config: TestConfig) => unknown;
  readonly editManifest?: (manifest: TestManifest) => unknown;
}

export interface TestConfig {
  [field: string]: unknown;
  rootfs: { type: string; diff_ids: string[] };
}

export interface TestDescriptor {
  mediaType: string;
  digest: string;
  size: number;
}

export interface TestManifest {
  [field: string]: unknown;
  config: TestDescriptor;
  layers: TestDescriptor[];
}

/** A made image: its bytes, and itself to be read. */
export interface TestImage extends ImageSource {
  readonly blobs: ReadonlyMap<Digest, Buffer>;
}

const TYPES = {
  oci: {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar",
    separator: "+",
  },
  docker: {
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar",
    separator: ".",
  },
} as const;

/** Makes an image in memory. An edited digest leaves the blob where it is: there is then none of that name. */
export function makeImage(recipe: TestImageRecipe): TestImage {
  const { family = "oci", compression = "gzip", editLayer = (blob) => blob } = recipe;
  const types = TYPES[family];
  const archives = recipe.layers.map((layer) =>
    Buffer.isBuffer(layer) ? layer : makeTar(layer, recipe.format),
  );
  const layers = archives.map((tar, index) => editLayer(compressed(tar, compression, recipe.level), index));
  const config = bytesOf((recipe.editConfig ?? same)(configOf(recipe.config, archives)));
  const suffix = compression === "none" ? "" : `${types.separator}${compression}`;
  const manifest: TestManifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptor(config, types.config),
    layers: layers.map((blob) => descriptor(blob, `${types.layer}${suffix}`)),
  };
  const bytes = bytesOf((recipe.editManifest ?? same)(manifest));
  const blobs = new Map([config, ...layers].map((blob) => [digestOf(blob), blob]));
  return {
    name: "made image",
    manifest: { digest: digestOf(bytes), mediaType: types.manifest, bytes },
    blobs,
    openBlob: (digest) => openBlob(blobs.get(digest)),
    close: () => undefined,
  };
}

/** Writes a made image as an OCI image layout. */
export async function writeImageLayout(image: TestImage, folder: string): Promise<void> {
  const { digest, mediaType, bytes } = image.manifest;
  await mkdir(join(folder, "blobs", "sha256"), { recursive: true });
  for (const [name, blob] of new Map([...image.blobs, [digest, bytes]]))
    await writeFile(join(folder, "blobs", name.replace(":", "/")), blob);
  const manifests = [{ mediaType, digest, size: bytes.length }];
  await writeFile(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeFile(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
}

function configOf(
  fields: Readonly<Record<string, unknown>> | undefined,
  archives: readonly Buffer[],
): TestConfig {
  return {
    architecture: "amd64",
    os: "linux",
    config: {},
    ...fields,
    rootfs: { type: "layers", diff_ids: archives.map(digestOf) },
    history: archives.map((_, index) => ({ created_by: `instruction ${index + 1}` })),
  };
}

function same<T>(value: T): T {
  return value;
}

function bytesOf(json: unknown): Buffer {
  return Buffer.isBuffer(json) ? json : Buffer.from(JSON.stringify(json));
}

function descriptor(bytes: Buffer, mediaType: string): TestDescriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** In pieces that have nothing to do with the blocks of an archive. */
async function* openBlob(blob: Buffer | undefined): AsyncGenerator<Buffer, void> {
  if (blob === undefined) throw new BuildError("RESULT_UNVERIFIED", "there is no such blob");
  for (let at = 0; at < blob.length; at += 10_007) yield blob.subarray(at, at + 10_007);
}

function compressed(tar: Buffer, compression: "none" | "gzip" | "zstd", level = 6): Buffer {
  if (compression === "none") return tar;
  return compression === "gzip" ? gzipSync(tar, { level }) : storedAsZstd(tar);
}

/** A frame of blocks that are not compressed (RFC 8878, "Raw_Block"): Node 20 cannot write others. */
export function storedAsZstd(content: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  header.writeUInt32LE(content.length, 5);
  const parts: Buffer[] = [header];
  for (let at = 0; at === 0 || at < content.length; at += 0x10000) {
    const block = content.subarray(at, at + 0x10000);
    const last = at + 0x10000 >= content.length ? 1 : 0;
    const head = Buffer.alloc(3);
    head.writeUIntLE((block.length << 3) | last, 0, 3);
    parts.push(head, block);
  }
  return Buffer.concat(parts);
}
