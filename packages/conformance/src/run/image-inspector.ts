import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pinned } from "@slipway/core";
import {
  createLayerCache,
  type ImageSource,
  type InspectedImage,
  inspectImage,
} from "@slipway/registry/image";
import { checkFacts } from "../compare/check-facts.ts";
import { compareImages } from "../compare/compare-images.ts";
import type { Difference } from "../compare/difference.ts";
import type { CorpusCase } from "../corpus/corpus-case.ts";
import { baseImageOf } from "./base-image.ts";
import type { BuiltReference, ImageFindings } from "./case-host.ts";

/** Looks into the images of a run. Layers that many of them share are read once. */
export interface ImageInspector {
  /** Holds an image against its case. */
  findings(image: BuiltReference, item: CorpusCase): Promise<ImageFindings>;
  /** In what an image is not like that of the reference builder; both by pinned names. */
  compare(reference: string, image: string): Promise<readonly Difference[]>;
}

export interface ImageInspectorOptions {
  /** Opens an image by the name that builders have for it: one that was pushed, or one that a Dockerfile builds on. */
  open(reference: string): Promise<ImageSource>;
}

export function imageInspector({ open }: ImageInspectorOptions): ImageInspector {
  const cache = createLayerCache();
  const bases = new Map<string, Promise<InspectedImage>>();
  const inspect = async (reference: string) => {
    const source = await open(reference);
    try {
      return await inspectImage(source, { cache });
    } finally {
      source.close();
    }
  };
  const baseOf = (name: string) => {
    const known = bases.get(name) ?? inspect(name);
    bases.set(name, known);
    // One that failed is asked for again.
    known.catch(() => bases.delete(name));
    return known;
  };
  return {
    findings: async ({ destination, digest }, item) => {
      const image = await inspect(pinned(destination, digest));
      const name = baseImageOf(await readFile(join(item.folder, "Dockerfile"), "utf8"), item.build);
      return findingsOf(item, image, name === undefined ? undefined : await baseOf(name));
    },
    compare: async (reference, image) => compareImages(await inspect(reference), await inspect(image)),
  };
}

function findingsOf(
  { expect, ignored }: CorpusCase,
  image: InspectedImage,
  base: InspectedImage | undefined,
): ImageFindings {
  const found = "fails" in expect ? [] : checkFacts(expect, image, base);
  const isMalformed = ({ id }: Difference) => id.startsWith("malformed:");
  return {
    malformed: found.filter(isMalformed),
    differences: found.filter((one) => !isMalformed(one)),
    ignored: ignored !== undefined && checkFacts(ignored, image, base).length === 0,
  };
}
