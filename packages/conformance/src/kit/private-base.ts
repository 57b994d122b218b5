import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Digest } from "@slipway/core";
import { packArchive } from "../corpus/pack-archive.ts";
import type { Bench } from "./bench.ts";

const OCI = "application/vnd.oci.image";

/** Pushes an image with one file, `/marker`, to the registry that asks for a password. Returns its reference and the text of the file. */
export async function pushPrivateBase(bench: Bench): Promise<{ reference: string; marker: string }> {
  const reference = bench.destination();
  const marker = `of ${reference}`;
  const tar = await packArchive({ type: "tar", entries: [{ path: "marker", type: "file", text: marker }] });
  const layer = gzipSync(tar);
  const config = json({
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { Labels: { "kit.base": "private" } },
    rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
    // Optional; but builders add to it, and it is to have as many entries as there are layers then.
    history: [{ created_by: "the conformance kit" }],
  });
  await bench.registry.withClient(reference, async (client, repository, tag) => {
    for (const bytes of [config, layer])
      await client.uploadBlob(repository, {
        digest: digestOf(bytes),
        size: bytes.length,
        open: async function* (start = 0, end = bytes.length) {
          yield bytes.subarray(start, end);
        },
      });
    const manifest = {
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      config: descriptor(config, `${OCI}.config.v1+json`),
      layers: [descriptor(layer, `${OCI}.layer.v1.tar+gzip`)],
    };
    await client.putManifest(repository, tag, json(manifest), manifest.mediaType);
  });
  return { reference, marker };
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function descriptor(bytes: Buffer, mediaType: string): object {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

function digestOf(bytes: Buffer): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
