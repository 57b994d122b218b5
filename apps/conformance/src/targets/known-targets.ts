import { dindTarget } from "./dind-target.ts";
import { kanikoTarget } from "./kaniko-target.ts";
import type { KnownTarget } from "./pod-builder.ts";

/** The builders of a run, by id. The first one that is asked for is what the others are compared with. */
export const TARGETS = { dind: dindTarget, kaniko: kanikoTarget } as const satisfies Record<
  string,
  KnownTarget
>;

export type TargetName = keyof typeof TARGETS;
