import type { Feature } from "@slipway/core";
import { BuildError } from "@slipway/core";
import type { CorpusCase, Group } from "./corpus-case.ts";

/** What is left out selects everything. */
export interface CaseFilter {
  /** Ids or `group/id`, `*` for any characters; a case that one of them names is selected. */
  readonly only?: readonly string[];
  readonly groups?: readonly Group[];
  /** Cases that need at least one of these. */
  readonly features?: readonly Feature[];
  /** `core`: what needs no feature; `extended`: what needs one. */
  readonly profile?: "core" | "extended";
  /** One of `of` equal parts, counted from 1. */
  readonly shard?: Shard;
}

export interface Shard {
  readonly part: number;
  readonly of: number;
}

/** The selected cases, in their order. Throws INVALID_REQUEST for a filter that selects nothing: a typo must not be green. */
export function selectCases(
  cases: readonly CorpusCase[],
  { only, groups, features, profile, shard }: CaseFilter,
): readonly CorpusCase[] {
  for (const pattern of only ?? []) assertNamesSome(pattern, cases);
  const selected = cases
    .filter((one) => only === undefined || only.some((pattern) => isNamed(one, pattern)))
    .filter(({ group }) => groups === undefined || groups.includes(group))
    .filter((one) => features === undefined || one.features.some((feature) => features.includes(feature)))
    .filter((one) => profile === undefined || profileOf(one) === profile);
  if (selected.length > 0) {
    return shard === undefined ? selected : selected.filter((_, at) => at % shard.of === shard.part - 1);
  }
  throw new BuildError("INVALID_REQUEST", "The filters together select no case", {
    remedy: "Leave one of them out",
  });
}

/** What every builder does, or what it may lack. */
export function profileOf({ features }: CorpusCase): "core" | "extended" {
  return features.length === 0 ? "core" : "extended";
}

function assertNamesSome(pattern: string, cases: readonly CorpusCase[]): void {
  if (cases.some((one) => isNamed(one, pattern))) return;
  throw new BuildError("INVALID_REQUEST", `No case is named ${pattern}`, {
    remedy: "Check the spelling; * stands for any characters",
  });
}

function isNamed({ group, id }: CorpusCase, pattern: string): boolean {
  const expression = pattern
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^(?:${expression})$`).test(pattern.includes("/") ? `${group}/${id}` : id);
}
