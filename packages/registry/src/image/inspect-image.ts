import { type BytePath, type Digest, factsOf, type ImageFacts } from "@slipway/core";
import type { Descriptor } from "../image-manifest.ts";
import { checkConfig, diffIdsOf } from "./check-config.ts";
import { checkManifest } from "./check-manifest.ts";
import { flattenLayers } from "./flatten-layers.ts";
import type { ImageDefect } from "./image-defect.ts";
import type { ImageFile, LayerChange } from "./image-file.ts";
import type { ImageSource } from "./image-source.ts";
import type { LayerCache } from "./layer-cache.ts";
import { readBlob } from "./read-blob.ts";
import { type LayerContent, readLayer } from "./read-layer.ts";
import { createReadMeter } from "./read-meter.ts";
import { parseStrictJson } from "./strict-json.ts";

/** All that an image says, and all that is wrong with it. */
export interface InspectedImage {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly manifest: ManifestSummary;
  readonly config: InspectedConfig;
  readonly layers: readonly InspectedLayer[];
  /** What a container sees, by path. The root, "", only where a layer has an entry for it. */
  readonly files: ReadonlyMap<BytePath, ImageFile>;
  /** Of manifest, config, and of each layer in turn. */
  readonly defects: readonly ImageDefect[];
}

export interface ManifestSummary {
  /** Of manifest, config and layers as they are stored, each as often as it is named. */
  readonly sizeBytes: number;
  readonly annotations: Readonly<Record<string, unknown>>;
}

export interface InspectedConfig {
  /** Undefined where the manifest is none. */
  readonly digest?: Digest;
  /** The file (OCI image specification, config.md); {} where it cannot be read. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** What a run needs to know of it. */
  readonly facts: ImageFacts;
}

export interface InspectedLayer {
  readonly digest: Digest;
  /** Bytes, compressed as it is. */
  readonly size: number;
  readonly mediaType: string;
  /** What its uncompressed bytes hash to; undefined where they cannot be read. */
  readonly diffId: Digest | undefined;
  /** In the order of the archive. */
  readonly entries: readonly LayerChange[];
}

export interface InspectOptions {
  /** For images that share layers. */
  readonly cache?: LayerCache;
  /** For all layers together, uncompressed, and for all files with the holes of sparse ones; 16 GiB. */
  readonly maxBytes?: number;
  /** For all layers together; two million. */
  readonly maxEntries?: number;
}

const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/**
 * Reads an image, each layer once, and checks it: digests, sizes, diff_ids, media types, JSON, archives. What is wrong
 * with the image is in `defects`, and what can be read in spite of it, is read. Rejects when the source cannot be read,
 * and with RESOURCE_EXHAUSTED above a limit.
 */
export async function inspectImage(
  source: ImageSource,
  options: InspectOptions = {},
): Promise<InspectedImage> {
  const { digest, mediaType, bytes } = source.manifest;
  const { content, annotations, defects } = checkManifest(source.manifest);
  const descriptors = content?.layers ?? [];
  const config = await readConfig(source, content?.config);
  const layers = await readLayers(source, descriptors, options);
  const { files, defects: treeDefects } = flattenLayers(layers.map(({ changes }) => changes));
  return {
    digest,
    mediaType,
    manifest: {
      sizeBytes: [content?.config, ...descriptors].reduce(
        (sum, part) => sum + (part?.size ?? 0),
        bytes.length,
      ),
      annotations,
    },
    config: {
      raw: config.raw,
      facts: factsOf(config.raw),
      ...(content === undefined ? {} : { digest: content.config.digest }),
    },
    layers: layers.map(({ diffId, changes }, index) => {
      const { digest, size, mediaType } = descriptors[index] as Descriptor;
      return { digest, size, mediaType, diffId, entries: changes };
    }),
    files,
    defects: [
      ...defects,
      ...config.defects,
      ...(config.readable ? checkConfig(config.raw, descriptors.length) : []),
      ...layers.flatMap((layer, index) => layerDefects(layer, index, config.raw)),
      ...treeDefects,
    ],
  };
}

interface ReadConfig {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly readable: boolean;
  readonly defects: readonly ImageDefect[];
}

async function readConfig(source: ImageSource, descriptor: Descriptor | undefined): Promise<ReadConfig> {
  const defects: ImageDefect[] = [];
  const report = (rule: ImageDefect["rule"], found: string) => {
    defects.push({ rule, subject: "config", found });
  };
  const unreadable = { raw: {}, readable: false, defects };
  if (descriptor === undefined) return unreadable;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of readBlob(source, descriptor, report)) {
    length += chunk.length;
    if (length <= MAX_CONFIG_BYTES) chunks.push(Buffer.from(chunk));
  }
  if (defects.some(({ rule }) => rule === "blob-missing")) return unreadable;
  try {
    if (length > MAX_CONFIG_BYTES) throw new Error(`larger than ${MAX_CONFIG_BYTES} bytes`);
    const { value, laxness } = parseStrictJson(Buffer.concat(chunks));
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("not an object");
    if (laxness !== undefined) report("json", laxness);
    return { raw: value as Readonly<Record<string, unknown>>, readable: true, defects };
  } catch (error) {
    report("config", (error as Error).message);
    return unreadable;
  }
}

/** One after the other: two at once would need the memory of two, and the time is that of the processor. */
async function readLayers(
  source: ImageSource,
  descriptors: readonly Descriptor[],
  { cache, maxBytes = 16 * 1024 ** 3, maxEntries = 2_000_000 }: InspectOptions,
): Promise<LayerContent[]> {
  const meter = createReadMeter(source.name, { maxBytes, maxEntries });
  const layers: LayerContent[] = [];
  for (const descriptor of descriptors) {
    const read = () => readLayer(source, descriptor, meter);
    layers.push(await (cache === undefined ? read() : cache.get(descriptor.digest, read)));
  }
  return layers;
}

function layerDefects(
  { diffId, defects }: LayerContent,
  layer: number,
  config: Readonly<Record<string, unknown>>,
): ImageDefect[] {
  const said = diffIdsOf(config)?.[layer];
  const wrong = said !== undefined && diffId !== undefined && said !== diffId;
  const found = `${diffId}; the config says ${said}`;
  return [
    ...defects.map((defect) => ({ ...defect, layer })),
    ...(wrong ? [{ rule: "diff-id" as const, layer, found }] : []),
  ];
}
