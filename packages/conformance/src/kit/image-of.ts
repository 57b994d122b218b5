import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { type ImageSource, inspectImage, openRegistryImage } from "@slipway/registry/image";
import type { Bench } from "./bench.ts";
import { CaseFailure } from "./case-failure.ts";
import { PushedImage } from "./pushed-image.ts";

/** Of a build that went well. */
interface Pushed {
  readonly destinations: readonly [string, ...string[]];
}

/** Reads an image that was built back from the registry. Throws a CaseFailure when its parts do not fit together. */
export async function imageOf(bench: Bench, pushed: Pushed): Promise<PushedImage> {
  const image = new PushedImage(await withSource(bench, pushed, (source) => inspectImage(source)));
  // What is wrong with single files of its archives may be the base image's, and has a case of its own.
  assertSound(image, ({ path }) => path === undefined);
  return image;
}

/** Manifest, configuration and layers, unpacked: for a search of what must not be there. */
export async function partsOf(bench: Bench, pushed: Pushed): Promise<readonly Buffer[]> {
  return withSource(bench, pushed, async (source) => {
    const { config, layers } = await inspectImage(source);
    const parts = [source.manifest.bytes, Buffer.from(JSON.stringify(config.raw))];
    for (const { digest } of layers) parts.push(unpacked(await buffer(source.openBlob(digest))));
    return parts;
  });
}

async function withSource<T>(
  { registry }: Bench,
  { destinations: [destination] }: Pushed,
  read: (source: ImageSource) => Promise<T>,
): Promise<T> {
  if ((await registry.digest(destination)) === undefined)
    throw new CaseFailure(`expected an image at ${destination}, found nothing`);
  const source = await openRegistryImage(registry.fromHere(destination), registry.options);
  try {
    return await read(source);
  } finally {
    source.close();
  }
}

function unpacked(bytes: Buffer): Buffer {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}

type Defect = PushedImage["image"]["defects"][number];

/** Throws a CaseFailure for the first defect that counts. */
export function assertSound({ image }: PushedImage, counts: (defect: Defect) => boolean): void {
  const defect = image.defects.find(counts);
  if (defect === undefined) return;
  const { rule, layer, path, subject = "", found } = defect;
  const where = [layer === undefined ? "" : `layer ${layer + 1}`, path ?? "", subject]
    .filter(Boolean)
    .join(" ");
  throw new CaseFailure(
    `expected a sound image, found ${rule}${where && ` in ${where}`}: ${found}`,
    "malformed-image",
  );
}
