import { type Digest, factsOf, type ImageFacts } from "@slipway/core";
import type { BlobSource } from "./blob-source.ts";
import { type Descriptor, parseIndex, parseManifest } from "./image-manifest.ts";
import { LayoutFiles, tampered, tooLarge } from "./layout-files.ts";
import { MAX_MANIFEST_BYTES } from "./registry-client.ts";

/** A blob of a checked layout. */
export interface LayoutBlob extends BlobSource {
  readonly mediaType: string;
}

/** One image on disk, every byte of which was checked. */
export interface CheckedLayout {
  /** Of the manifest. */
  readonly digest: Digest;
  readonly mediaType: string;
  readonly manifest: Buffer;
  /** Config first, then the layers; each once. */
  readonly blobs: readonly LayoutBlob[];
  /** Of all blobs and the manifest. */
  readonly sizeBytes: number;
  readonly facts: ImageFacts;
}

export interface LayoutLimits {
  /** For the whole image, compressed as it is. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

const MAX_INDEX_BYTES = 4 * 1024 * 1024;
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/**
 * Reads an OCI image layout (OCI image spec, image-layout.md) that untrusted code has written and can no longer change:
 * regular files only, exactly one manifest, every blob of the size and hash that its descriptor says.
 * Throws RESULT_UNVERIFIED that names the file, or RESOURCE_EXHAUSTED above `maxBytes`.
 */
export async function checkLayout(root: string, limits: LayoutLimits): Promise<CheckedLayout> {
  const files = new LayoutFiles(root, limits.signal);
  await files.assertFolders();
  assertVersion(await files.readJson("oci-layout", 1024));
  const image = parseIndex(await files.readJson("index.json", MAX_INDEX_BYTES), tampered);
  if (image.size > MAX_MANIFEST_BYTES)
    throw tampered(`the manifest is larger than ${MAX_MANIFEST_BYTES} bytes`);
  const manifest = await files.readBlob(image);
  const { config, layers } = parseManifest(manifest, image.mediaType, tampered);
  if (config.size > MAX_CONFIG_BYTES)
    throw tampered(`the image's config is larger than ${MAX_CONFIG_BYTES} bytes`);
  const blobs = unique([config, ...layers]);
  const sizeBytes = [image, ...blobs].reduce((sum, { size }) => sum + size, 0);
  // From the descriptors, so that nothing too large is ever read.
  if (sizeBytes > limits.maxBytes) throw tooLarge(sizeBytes, limits.maxBytes);
  const facts = factsOfConfig(await files.readBlob(config), layers.length);
  for (const blob of blobs) await files.verify(blob);
  return {
    digest: image.digest,
    mediaType: image.mediaType,
    manifest,
    blobs: blobs.map((blob) => ({ ...blob, open: (start, end) => files.open(blob, start, end) })),
    sizeBytes,
    facts,
  };
}

function assertVersion(file: unknown): void {
  const version = (file as { imageLayoutVersion?: unknown } | null)?.imageLayoutVersion;
  if (version !== "1.0.0") throw tampered("oci-layout does not say imageLayoutVersion 1.0.0");
}

/** The same layer may occur twice, as empty ones do; with another size it cannot be the same. */
function unique(descriptors: readonly Descriptor[]): Descriptor[] {
  const known = new Map<Digest, Descriptor>();
  for (const descriptor of descriptors) {
    const same = known.get(descriptor.digest);
    if (same !== undefined && same.size !== descriptor.size)
      throw tampered(`the blob ${descriptor.digest} has two sizes`);
    if (same === undefined) known.set(descriptor.digest, descriptor);
  }
  return [...known.values()];
}

function factsOfConfig(bytes: Buffer, layers: number): ImageFacts {
  const config = parseConfig(bytes);
  const diffIds = (config as { rootfs?: { diff_ids?: unknown } } | null)?.rootfs?.diff_ids;
  if (!Array.isArray(diffIds) || diffIds.length !== layers)
    throw tampered("the image's config does not list as many layers as its manifest");
  try {
    return factsOf(config);
  } catch (error) {
    throw tampered("the image's config is malformed", error);
  }
}

function parseConfig(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw tampered("the image's config is not JSON", error);
  }
}
