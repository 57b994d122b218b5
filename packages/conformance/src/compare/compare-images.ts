import type { InspectedImage } from "@slipway/registry/image";
import { compareConfigs } from "./compare-configs.ts";
import { compareFiles } from "./compare-files.ts";
import { type ComparePolicy, DEFAULT_POLICY } from "./compare-policy.ts";
import type { Difference } from "./difference.ts";
import { malformations } from "./malformed.ts";

/**
 * In what an image differs from another one that stands for what it should be: what is wrong with it and not with the
 * other, config, files. What the policy passes over is in `compare-policy.ts`.
 */
export function compareImages(
  expected: InspectedImage,
  actual: InspectedImage,
  policy: Partial<ComparePolicy> = {},
): Difference[] {
  const { layers } = { ...DEFAULT_POLICY, ...policy };
  const known = new Set(malformations(expected).map(({ id }) => id));
  return [
    ...malformations(actual).filter(({ id }) => !known.has(id)),
    ...compareConfigs(expected.config.raw, actual.config.raw, policy),
    ...compareFiles(expected.files, actual.files, policy),
    ...(layers === "count" ? layerDifferences(expected.layers.length, actual.layers.length) : []),
  ];
}

export function layerDifferences(expected: number, actual: number): Difference[] {
  return expected === actual
    ? []
    : [{ id: "layers:count", expected: String(expected), actual: String(actual) }];
}
