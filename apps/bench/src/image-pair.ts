import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { TAR_END, tarEntry } from "@slipway/registry/testing";

/** Two images on disk, alike but for one byte of one file. */
export interface ImagePair {
  readonly expected: string;
  readonly actual: string;
  /** The ids of all differences between them. */
  readonly differences: readonly string[];
  /** Of the files of one image. */
  readonly bytes: number;
}

const LAYERS = 5;
const LAYER_BYTES = 100e6;
// As a layer with packages of some language has them: many small files, and a few large ones.
const SIZES = [700, 1500, 3000, 6000, 12_000, 25_000, 60_000, 400_000];
const NAME = "odd";

/** Writes OCI image layouts of 500 MB of files each, in five layers. Half of every file is noise that does not compress. */
export async function makeImagePair(folder: string): Promise<ImagePair> {
  const [expected, actual] = [join(folder, "expected"), join(folder, "actual")];
  for (const layout of [expected, actual]) await mkdir(join(layout, "blobs", "sha256"), { recursive: true });
  const layers: Layer[] = [];
  for (let index = 0; index < LAYERS; index += 1) layers.push(await writeLayer(expected, index, "a"));
  for (const { path } of layers.slice(0, -1)) await copyFile(join(expected, path), join(actual, path));
  const last = await writeLayer(actual, LAYERS - 1, "b");
  await writeLayout(expected, layers);
  await writeLayout(actual, [...layers.slice(0, -1), last]);
  const bytes = layers.reduce((sum, layer) => sum + layer.bytes, 0);
  return { expected, actual, differences: [`content:/layer-${LAYERS - 1}/${NAME}`], bytes };
}

interface Layer {
  readonly path: string;
  readonly digest: string;
  readonly diffId: string;
  /** Compressed. */
  readonly size: number;
  /** Of its files. */
  readonly bytes: number;
}

async function writeLayer(layout: string, index: number, odd: string): Promise<Layer> {
  const raw = createHash("sha256");
  let bytes = 0;
  function* archive(): Generator<Buffer, void> {
    yield tarEntry({ name: `layer-${index}/`, type: "folder" });
    yield tarEntry({ name: `layer-${index}/${NAME}`, content: odd });
    for (let file = 0; bytes < LAYER_BYTES; file += 1) {
      const content = fileContent(index, file);
      bytes += content.length;
      yield tarEntry({ name: `layer-${index}/file-${file}`, content });
    }
    yield TAR_END;
  }
  function* hashed(): Generator<Buffer, void> {
    for (const part of archive()) {
      raw.update(part);
      yield part;
    }
  }
  const written = join(layout, `layer-${index}`);
  await pipeline(Readable.from(hashed()), createGzip({ level: 1 }), createWriteStream(written));
  const digest = await hashOf(written);
  const path = `blobs/sha256/${digest}`;
  await rename(written, join(layout, path));
  const { size } = await stat(join(layout, path));
  return { path, digest: `sha256:${digest}`, diffId: `sha256:${raw.digest("hex")}`, size, bytes };
}

function fileContent(layer: number, file: number): Buffer {
  const size = SIZES[file % SIZES.length] ?? 0;
  const content = Buffer.alloc(size, `file ${file} of layer ${layer}\n`);
  const seed = createHash("sha256").update(`${layer} ${file}`).digest();
  for (let at = 0; at < size / 2; at += seed.length) {
    seed.writeUInt32LE((seed.readUInt32LE(0) + 0x9e3779b9) >>> 0, 0);
    createHash("sha256").update(seed).digest().copy(content, at);
  }
  return content;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function writeLayout(layout: string, layers: readonly Layer[]): Promise<void> {
  const put = async (json: unknown, mediaType: string) => {
    const bytes = Buffer.from(JSON.stringify(json));
    const hex = createHash("sha256").update(bytes).digest("hex");
    await writeFile(join(layout, "blobs", "sha256", hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const type = "application/vnd.oci.image";
  const rootfs = { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) };
  const config = await put(
    { architecture: "amd64", os: "linux", config: {}, rootfs },
    `${type}.config.v1+json`,
  );
  const mediaType = `${type}.manifest.v1+json`;
  const parts = layers.map(({ digest, size }) => ({ mediaType: `${type}.layer.v1.tar+gzip`, digest, size }));
  const manifest = await put({ schemaVersion: 2, mediaType, config, layers: parts }, mediaType);
  await writeFile(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeFile(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
}
