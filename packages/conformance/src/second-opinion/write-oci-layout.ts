import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Digest } from "@slipway/core";
import type { ImageSource } from "@slipway/registry/image";

interface Part {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

/** The name under which the image is in the layout. */
export const LAYOUT_TAG = "image";

/**
 * Copies an image into an OCI image layout, its blobs as they are; Docker's media types become OCI's, which is all that
 * some programs read.
 */
export async function writeOciLayout(source: ImageSource, folder: string): Promise<void> {
  const manifest = JSON.parse(source.manifest.bytes.toString("utf8")) as { config: Part; layers: Part[] };
  const config = asOci(manifest.config);
  const layers = manifest.layers.map(asOci);
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}` as const;
  await mkdir(join(folder, "blobs", "sha256"), { recursive: true });
  for (const blob of new Set([config, ...layers].map((part) => part.digest)))
    await pipeline(source.openBlob(blob), createWriteStream(join(folder, blobPath(blob))));
  await writeFile(join(folder, blobPath(digest)), bytes);
  await writeFile(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const annotations = { "org.opencontainers.image.ref.name": LAYOUT_TAG };
  const manifests = [{ mediaType, digest, size: bytes.length, annotations }];
  await writeFile(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

const DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";

function asOci({ mediaType, digest, size }: Part): Part {
  if (mediaType === "application/vnd.docker.container.image.v1+json")
    return { mediaType: "application/vnd.oci.image.config.v1+json", digest, size };
  if (!mediaType.startsWith(DOCKER_LAYER)) return { mediaType, digest, size };
  const compression = mediaType.slice(DOCKER_LAYER.length).replace(".", "+");
  return { mediaType: `application/vnd.oci.image.layer.v1.tar${compression}`, digest, size };
}
