import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { Digest } from "@slipway/core";
import { describe, expect, it } from "vitest";
import { makeImage } from "../testing/make-image.ts";
import { padded, TAR_END, tarHeader } from "../testing/make-tar.ts";
import type { ImageSource } from "./image-source.ts";
import { inspectImage } from "./inspect-image.ts";

const FILES = 40;
const FILE_BYTES = 5_000_000;

/** A layer of 200 MB that is made as it is read, so that only its reader can hold it in memory. */
function* archive(): Generator<Buffer, void> {
  const piece = Buffer.alloc(100_000, "content ");
  for (let file = 0; file < FILES; file += 1) {
    yield tarHeader({ name: `file-${file}` }, FILE_BYTES);
    for (let at = 0; at < FILE_BYTES; at += piece.length) yield piece;
    yield padded(Buffer.alloc(FILE_BYTES % 512)).subarray(FILE_BYTES % 512);
  }
  yield TAR_END;
}

function blob(): AsyncIterable<Buffer> {
  return Readable.from(archive()).pipe(createGzip({ level: 1 }));
}

async function largeImage(): Promise<ImageSource> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of blob()) {
    hash.update(chunk);
    size += chunk.length;
  }
  const raw = createHash("sha256");
  for (const part of archive()) raw.update(part);
  const digest: Digest = `sha256:${hash.digest("hex")}`;
  const image = makeImage({
    layers: [[]],
    editConfig: (config) => ({
      ...config,
      rootfs: { type: "layers", diff_ids: [`sha256:${raw.digest("hex")}`] },
    }),
    editManifest: (manifest) => ({
      ...manifest,
      layers: manifest.layers.map((layer) => ({ ...layer, digest, size })),
    }),
  });
  return { ...image, openBlob: (wanted) => (wanted === digest ? blob() : image.openBlob(wanted)) };
}

describe("inspectImage of 200 MB", () => {
  it("holds less than a quarter of it at any time", async () => {
    const source = await largeImage();
    const held = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    const before = held();
    let most = 0;
    const watched: ImageSource = {
      ...source,
      async *openBlob(digest) {
        for await (const chunk of source.openBlob(digest)) {
          most = Math.max(most, held() - before);
          yield chunk;
        }
      },
    };
    const { files, defects } = await inspectImage(watched);
    expect(defects).toEqual([]);
    expect([...files.values()].reduce((sum, { size }) => sum + size, 0)).toBe(FILES * FILE_BYTES);
    expect(most).toBeLessThan((FILES * FILE_BYTES) / 4);
  });
});
