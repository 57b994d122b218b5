import type { Feature } from "@slipway/core";
import type { Bench } from "./bench.ts";

/** What cases are about: the first part of their ids. */
export const AREAS = {
  contract: "the plugin itself",
  build: "what is in the image, and where it is pushed",
  auth: "credentials, private base images, registries without TLS",
  output: "what the build prints, as events",
  failure: "errors: their code, their cure, and that nothing is pushed",
  cancel: "what is left of a build that is told to stop",
  secrets: "the credential for pushing, and values that are nobody else's business",
  isolation: "builds that do not see each other, nor the machine that runs the builder",
  prune: "cleaning up after a process that was killed",
  honesty: "features that are declared are there",
} as const;

export type Area = keyof typeof AREAS;

/** What a case needs of the place where it runs; a skipped case names it. */
export const ABILITIES = {
  "shell-base": "an image with /bin/sh to build on: --base, or shellBase of the host",
  "registry-password": "a registry that asks for a password",
  "plain-http": "a registry that speaks plain HTTP",
} as const;

export type Ability = keyof typeof ABILITIES;

/** One thing that must be true of every builder, as data: it can be listed, filtered, documented and counted. */
export interface ConformanceCase {
  /** `area/what-must-be-true`. Stable: authors put it in their lists of known failures. */
  readonly id: `${Area}/${string}`;
  /** The same as a sentence in the present tense. */
  readonly title: string;
  /** Features that the builder has to declare; without them the case is skipped. */
  readonly requires: readonly Feature[];
  readonly needs?: readonly Ability[];
  /** Whether no other case may run meanwhile: it looks at what all of them share. */
  readonly alone?: true;
  /** Rejects with a CaseFailure where it is not true. Looks at the registry, never at what the builder says. */
  run(bench: Bench): Promise<void>;
}
