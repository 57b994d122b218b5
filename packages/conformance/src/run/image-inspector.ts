import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isBuildError, pinned } from "@slipway/core";
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
import { secondOpinion } from "../second-opinion/second-opinion.ts";
import { baseImageOf } from "./base-image.ts";
import type { BuiltReference, ImageFindings } from "./case-host.ts";

/** Looks into the images of a run. Layers that many of them share are read once. */
export interface ImageInspector {
  /** Holds an image against its case. */
  findings(image: BuiltReference, item: CorpusCase): Promise<ImageFindings>;
  /** In what an image is not like that of the reference builder; both by pinned names. */
  compare(reference: string, image: string): Promise<readonly Difference[]>;
  /** Has the second reader, where one is asked, read an image of an earlier run. Rejects where it reads something else. */
  reread(image: string): Promise<void>;
}

/** How a second reader, umoci, saw the images of a run. */
export interface SecondOpinions {
  /** So many images it read as we do. */
  agreed: number;
  /** So many it could not read at all. */
  unread: number;
}

export interface ImageInspectorOptions {
  /** Opens an image by the name that builders have for it: one that was pushed, or one that a Dockerfile builds on. */
  open(reference: string): Promise<ImageSource>;
  /** Asked for every image that is not malformed, and counted here. An image that it reads in another way is a fault of ours: the case fails in the harness. */
  readonly secondOpinions?: SecondOpinions;
}

export function imageInspector({ open, secondOpinions }: ImageInspectorOptions): ImageInspector {
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
  const secondRead = async (reference: string, image: InspectedImage) => {
    if (secondOpinions !== undefined && image.defects.length === 0)
      await assertReadAlike(await open(reference), image, secondOpinions);
  };
  return {
    findings: async ({ destination, digest }, item) => {
      const reference = pinned(destination, digest);
      const image = await inspect(reference);
      await secondRead(reference, image);
      const name = baseImageOf(await readFile(join(item.folder, "Dockerfile"), "utf8"), item.build);
      return findingsOf(item, image, name === undefined ? undefined : await baseOf(name));
    },
    compare: async (reference, image) => compareImages(await inspect(reference), await inspect(image)),
    reread: async (image) => {
      if (secondOpinions !== undefined) await secondRead(image, await inspect(image));
    },
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

async function assertReadAlike(
  source: ImageSource,
  image: InspectedImage,
  counts: SecondOpinions,
): Promise<void> {
  try {
    const differences = await secondOpinion(source, image);
    if (differences.length > 0)
      throw new Error(`umoci reads ${source.name} otherwise: ${differences.map(({ id }) => id).join(", ")}`);
    counts.agreed += 1;
  } catch (error) {
    if (!isBuildError(error) || error.code !== "INVALID_CONFIG") throw error;
    counts.unread += 1;
  } finally {
    source.close();
  }
}
