import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "@slipway/core";
import { digestOf } from "./registry-store.ts";

export interface TestLayout {
  readonly root: string;
  readonly digest: Digest;
  readonly config: Digest;
  readonly layers: readonly Digest[];
}

const OCI = "application/vnd.oci.image";

/** Writes an OCI image layout of these layers into `root`, with blobs of mode 0600 as Kaniko leaves them. */
export async function writeTestLayout(
  root: string,
  layers: readonly Buffer[],
  config: object = {},
): Promise<TestLayout> {
  await mkdir(join(root, "blobs", "sha256"), { recursive: true });
  const put = async (bytes: Buffer, mediaType: string) => {
    const digest = digestOf(bytes);
    await writeFile(join(root, "blobs", digest.replace(":", "/")), bytes, { mode: 0o600 });
    return { mediaType, digest, size: bytes.length };
  };
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  const stored = [];
  for (const layer of layers) stored.push(await put(layer, `${OCI}.layer.v1.tar+gzip`));
  const rootfs = { type: "layers", diff_ids: stored.map(({ digest }) => digest) };
  const image = { architecture: "amd64", os: "linux", config: { Entrypoint: ["/app"] }, rootfs, ...config };
  const configDescriptor = await put(json(image), `${OCI}.config.v1+json`);
  const manifest = {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: configDescriptor,
    layers: stored,
  };
  const manifestDescriptor = await put(json(manifest), `${OCI}.manifest.v1+json`);
  await writeFile(join(root, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeFile(
    join(root, "index.json"),
    JSON.stringify({ schemaVersion: 2, manifests: [manifestDescriptor] }),
  );
  return {
    root,
    digest: manifestDescriptor.digest,
    config: configDescriptor.digest,
    layers: rootfs.diff_ids,
  };
}
