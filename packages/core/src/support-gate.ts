import type { FeatureNeed } from "./dockerfile/inspect-dockerfile.ts";
import { BuildError } from "./errors.ts";
import { FEATURES, type Feature } from "./features.ts";

/** What is needed of a builder: by the Dockerfile, with line and text, or by the request, without. */
export type Need = FeatureNeed | { readonly feature: Feature };

export interface SupportGateOptions {
  /** What the builder has. */
  readonly features: readonly Feature[];
  /** Which other builders have a feature, by id; named in the remedy. */
  readonly othersWith?: ((feature: Feature) => readonly string[]) | undefined;
}

/**
 * Throws UNSUPPORTED_FEATURE unless the builder has everything that is needed: many builders silently ignore what they
 * do not know, and the build goes green with a wrong image. The message names every need, with its line.
 */
export function assertSupported(needs: readonly Need[], options: SupportGateOptions): void {
  const missing = needs.filter(({ feature }) => !options.features.includes(feature));
  const [first] = missing;
  if (first === undefined) return;
  const names = [...new Set(missing.map(({ feature }) => feature))];
  throw new BuildError(
    "UNSUPPORTED_FEATURE",
    `This builder does not have ${missing.map(describe).join("; ")}`,
    {
      remedy: cureFor(names, options),
      details: { features: names.join(", "), ...("line" in first ? { line: first.line } : {}) },
    },
  );
}

function describe(need: Need): string {
  const sentence = `${need.feature} (${FEATURES[need.feature]})`;
  return "line" in need
    ? `${sentence}, which line ${need.line} of the Dockerfile needs: ${need.text}`
    : sentence;
}

function cureFor(names: readonly Feature[], { othersWith = () => [] }: SupportGateOptions): string {
  const [first, ...rest] = names.map((feature) => othersWith(feature));
  const others = (first ?? []).filter((id) => rest.every((ids) => ids.includes(id)));
  if (others.length > 0)
    return `Use a builder that has it, such as ${others.join(" or ")}, or change the Dockerfile`;
  return "Change the Dockerfile or the request; no builder known here has it all";
}
