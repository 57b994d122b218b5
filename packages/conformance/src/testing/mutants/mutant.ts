import type { BuilderHost, BuilderPlugin, ImageBuilder } from "@slipway/core";
import { CONFORMANCE_CASES } from "../../kit/cases/all-cases.ts";
import type { Outcome } from "../../kit/outcome.ts";
import { type ReferenceConfig, referenceBuilder } from "../reference/reference-builder.ts";
import type { LayerParts } from "../reference/write-layout.ts";

/** What a mutant may ask of its test, so that nobody waits. */
export interface MutantScene {
  /** Lets the time of the running case be over. */
  readonly timeUp: () => void;
  /** Aborts when the mutant's run is over: for what it would never end by itself. */
  readonly over: AbortSignal;
  /** What it does in secret when all cases have ended. */
  readonly later: (() => Promise<unknown>)[];
}

/** The reference builder with one defect. */
export interface Mutant {
  readonly name: string;
  readonly make: (scene: MutantScene) => BuilderPlugin<ReferenceConfig>;
  /** The cases that catch it, and how they end: these and no others. */
  readonly caughtBy: Readonly<Record<string, Outcome>>;
}

type Wrap = (builder: ImageBuilder, host: BuilderHost, config: ReferenceConfig) => Partial<ImageBuilder>;

/** The reference builder, some of whose methods are replaced. */
export function wrapped(wrap: Wrap, parts: Partial<LayerParts> = {}): BuilderPlugin<ReferenceConfig> {
  const plugin = referenceBuilder(parts);
  return {
    ...plugin,
    create: (config, host) => {
      const builder = plugin.create(config, host);
      return { ...builder, ...wrap(builder, host, config) };
    },
  };
}

/** The same end for several cases. */
export function all(outcome: Outcome, ...ids: readonly string[]): Readonly<Record<string, Outcome>> {
  return Object.fromEntries(ids.map((id) => [id, outcome]));
}

/** Slow: it runs only for the mutant that it is for. */
export const LARGE = "build/takes-a-large-context";

/** Cases that call no builder. */
export const CALL_NONE = [
  LARGE,
  "contract/plugin-is-valid",
  "contract/bad-config-is-INVALID_CONFIG",
  "contract/create-touches-nothing",
  "contract/preflight-is-ready",
];

/** Cases that need no image. */
export const BUILD_NONE = [
  ...CALL_NONE,
  "auth/wrong-password-is-REGISTRY_DENIED",
  "auth/no-password-is-REGISTRY_DENIED",
  "auth/plain-http-needs-permission",
  "failure/failed-step-is-BUILD_FAILED",
  "failure/missing-file-is-BUILD_FAILED",
  "failure/ignored-file-is-BUILD_FAILED",
  "failure/unknown-base-is-BASE_IMAGE_UNAVAILABLE",
  "failure/of-the-last-instruction-pushes-nothing",
  "cancel/in-a-step",
  "cancel/timeout-is-TIMED_OUT",
  "cancel/at-the-first-event",
  "cancel/before-it-starts",
  "cancel/during-the-push",
  "secrets/credential-absent-from-events",
  "secrets/credential-absent-from-errors",
  "isolation/copied-links-do-not-lead-out",
];

/** The same end for all cases that the reference builder is asked to pass, but for these. */
export function everyCaseBut(outcome: Outcome, but: readonly string[]): Readonly<Record<string, Outcome>> {
  const features = referenceBuilder().features({});
  const asked = CONFORMANCE_CASES.filter(({ requires }) => requires.every((name) => features.includes(name)));
  return all(outcome, ...asked.map(({ id }) => id).filter((id) => !but.includes(id)));
}
