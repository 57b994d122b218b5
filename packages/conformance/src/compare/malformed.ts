import {
  type DefectRule,
  IMAGE_DEFECTS,
  type ImageDefect,
  type InspectedImage,
} from "@slipway/registry/image";
import type { Difference } from "./difference.ts";
import { shownBytes, shownPath } from "./shown-path.ts";
import { clipped } from "./shown-value.ts";

/** What is wrong with an image, apart from what is wrong with the layers it has from its base: `malformed:RULE:SUBJECT`. */
export function malformations(image: InspectedImage, base?: InspectedImage): Difference[] {
  const inherited = new Set(base?.defects.filter(({ layer }) => layer !== undefined).map(keyOf));
  const own = image.defects.filter(
    (defect) => !inherited.has(keyOf(defect)) || !isOfBase(defect, image, base),
  );
  // Once for each id: one path may be wrong in several layers.
  return [...new Map(own.map((defect) => [keyOf(defect), differenceOf(defect)])).values()];
}

function isOfBase({ layer = -1 }: ImageDefect, image: InspectedImage, base?: InspectedImage): boolean {
  const digest = image.layers[layer]?.digest;
  return digest !== undefined && digest === base?.layers[layer]?.digest;
}

function keyOf({ rule, layer, path, subject }: ImageDefect): string {
  const where = path === undefined ? (subject ?? `layers[${layer}]`) : shownPath(path);
  return `malformed:${rule}:${where}`;
}

function differenceOf(defect: ImageDefect): Difference {
  const { rule, layer, found } = defect;
  const where = layer === undefined ? "" : `, in layer ${layer + 1}`;
  const what = `${meaningOf(rule)}${where}`;
  return {
    id: keyOf(defect),
    expected: "a well-formed image",
    actual: found === "" ? what : `${what}: ${clipped(shownBytes(found))}`,
  };
}

function meaningOf(rule: DefectRule): string {
  return IMAGE_DEFECTS[rule];
}
