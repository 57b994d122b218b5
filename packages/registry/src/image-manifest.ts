import { type BuildError, type Digest, isDigest } from "@slipway/core";
import { CONFIG_TYPES, LAYER_TYPES, MANIFEST_TYPES } from "./media-types.ts";
import { quoted } from "./registry-errors.ts";

/** OCI image spec, descriptor.md; only what this client acts on. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

export interface ManifestContent {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** An entry of an index, with the platform it is for. */
export interface PlatformDescriptor extends Descriptor {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
}

/** Makes the error for what is wrong, which depends on where the JSON came from. */
export type Refusal = (problem: string, cause?: unknown) => BuildError;

// Docker refuses more than 127 layers; far more than that is an attack, not an image.
const MAX_LAYERS = 1000;

/** The one manifest of an `index.json` that describes one image. */
export function parseIndex(index: unknown, refuse: Refusal): Descriptor {
  const { schemaVersion, manifests } = record(index, "index.json", refuse);
  if (schemaVersion !== 2) throw refuse("index.json is not of schema version 2");
  if (!Array.isArray(manifests) || manifests.length !== 1)
    throw refuse(
      `index.json lists ${Array.isArray(manifests) ? manifests.length : "no"} manifests instead of one`,
    );
  return descriptor(manifests[0], "the manifest", MANIFEST_TYPES, refuse);
}

/** Config and layers of an image manifest (OCI image spec, manifest.md; Docker image manifest version 2, schema 2). */
export function parseManifest(bytes: Buffer, mediaType: string, refuse: Refusal): ManifestContent {
  const manifest = record(json(bytes, "the manifest", refuse), "the manifest", refuse);
  if (manifest["schemaVersion"] !== 2) throw refuse("the manifest is not of schema version 2");
  // Optional in OCI manifests; but where it is there, registries believe it.
  if (manifest["mediaType"] !== undefined && manifest["mediaType"] !== mediaType)
    throw refuse(`the manifest names another media type than ${mediaType}`);
  const { layers } = manifest;
  if (!Array.isArray(layers) || layers.length > MAX_LAYERS)
    throw refuse("the manifest has no usable list of layers");
  return {
    config: descriptor(manifest["config"], "the config", CONFIG_TYPES, refuse),
    layers: layers.map((layer: unknown, index) =>
      descriptor(layer, `layer ${index + 1}`, LAYER_TYPES, refuse),
    ),
  };
}

/** The entries of an image index or manifest list that are images with a platform. */
export function parsePlatforms(bytes: Buffer, refuse: Refusal): PlatformDescriptor[] {
  const { manifests } = record(json(bytes, "the index", refuse), "the index", refuse);
  if (!Array.isArray(manifests)) throw refuse("the index has no list of manifests");
  return manifests.flatMap((entry: unknown) => {
    const { mediaType, platform } = record(entry, "an entry of the index", refuse);
    if (!MANIFEST_TYPES.includes(String(mediaType)) || platform === undefined) return [];
    const { os, architecture, variant } = record(platform, "a platform of the index", refuse);
    const named = { os: text(os), architecture: text(architecture), variant: text(variant) };
    return [{ ...descriptor(entry, "an entry of the index", MANIFEST_TYPES, refuse), ...named }];
  });
}

function descriptor(value: unknown, what: string, types: readonly string[], refuse: Refusal): Descriptor {
  const { mediaType, digest, size } = record(value, `the descriptor of ${what}`, refuse);
  if (typeof mediaType !== "string" || !types.includes(mediaType))
    throw refuse(`${what} has the media type "${quoted(String(mediaType))}", which cannot be pushed`);
  if (!isDigest(digest)) throw refuse(`${what} has no sha256 digest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw refuse(`${what} has no valid size`);
  return { mediaType, digest, size };
}

function json(bytes: Buffer, what: string, refuse: Refusal): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw refuse(`${what} is not JSON`, error);
  }
}

function record(value: unknown, what: string, refuse: Refusal): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw refuse(`${what} is not a JSON object`);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
