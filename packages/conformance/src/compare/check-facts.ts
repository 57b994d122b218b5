import type { InspectedImage } from "@slipway/registry/image";
import type { ImageFactsWanted } from "../corpus/corpus-case.ts";
import { checkChanged } from "./check-changed.ts";
import { checkFile } from "./check-file.ts";
import { compareFields } from "./compare-configs.ts";
import { layerDifferences } from "./compare-images.ts";
import { DEFAULT_POLICY } from "./compare-policy.ts";
import { fieldParts } from "./config-fields.ts";
import type { Difference } from "./difference.ts";
import { malformations } from "./malformed.ts";

/**
 * In what an image is not as a case says: first what makes it malformed, apart from what it has from its base, then
 * each fact. `base` is what the last FROM names; undefined for scratch.
 */
export function checkFacts(
  wanted: ImageFactsWanted,
  image: InspectedImage,
  base?: InspectedImage,
): Difference[] {
  const found = [
    ...malformations(image, base),
    ...checkConfig(wanted.config ?? {}, image.config.raw),
    ...Object.entries(wanted.files ?? {}).flatMap(([path, file]) => checkFile(path, file, image.files)),
    ...(wanted.changed === undefined
      ? []
      : checkChanged(wanted.changed, image.files, base?.files ?? new Map())),
    ...(wanted.layers === undefined
      ? []
      : layerDifferences(wanted.layers, image.layers.length - (base?.layers.length ?? 0))),
  ];
  // A path that is missing may be so by two facts.
  return [...new Map(found.toReversed().map((one) => [one.id, one])).values()].toReversed();
}

function checkConfig(
  wanted: Readonly<Record<string, unknown>>,
  raw: Readonly<Record<string, unknown>>,
): Difference[] {
  const run = (raw["config"] ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(wanted).flatMap(([name, value]) => {
    const actual = /^[A-Z]/.test(name) ? run[name] : raw[name];
    return compareFields(
      new Map(fieldParts(name, value, DEFAULT_POLICY)),
      new Map(fieldParts(name, actual, DEFAULT_POLICY)),
    );
  });
}
