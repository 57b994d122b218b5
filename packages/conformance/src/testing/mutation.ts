import type { ImageSource } from "@slipway/registry/image";
import { makeImage, type TestImageRecipe } from "@slipway/registry/testing";
import type { ComparePolicy } from "../compare/compare-policy.ts";

/** One change of the subject, and the ids of all differences that it makes. */
export interface Mutation {
  readonly what: string;
  readonly image: ImageSource;
  readonly ids: readonly string[];
  readonly policy?: Partial<ComparePolicy>;
}

export function mutation(
  what: string,
  image: TestImageRecipe | ImageSource,
  ids: string | readonly string[],
  policy: Partial<ComparePolicy> = {},
): Mutation {
  return {
    what,
    image: "openBlob" in image ? image : makeImage(image),
    ids: typeof ids === "string" ? [ids] : ids,
    policy,
  };
}
