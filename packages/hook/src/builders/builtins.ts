import { builder as kaniko } from "@slipway/builder-kaniko";
import { BuildError, type BuilderPlugin, type Feature } from "@slipway/core";

/** The builders that come with the hook: the only file that names one. */
const BUILTINS: readonly BuilderPlugin[] = [kaniko];

/** Finds the builder that SLIPWAY_BUILDER names. Throws INVALID_CONFIG that lists those there are. */
export function builtinBuilder(name: string): BuilderPlugin {
  const found = BUILTINS.find(({ id }) => id === name);
  if (found !== undefined) return found;
  const known = BUILTINS.map(({ id }) => id).join(", ");
  throw new BuildError(
    "INVALID_CONFIG",
    `SLIPWAY_BUILDER is "${name}", which is not one of the builders here: ${known}`,
    {
      remedy: `Set SLIPWAY_BUILDER to one of: ${known}`,
    },
  );
}

/** Which of the other builders have a feature, by the configuration they have when nothing is set. */
export function buildersWith(feature: Feature): readonly string[] {
  return BUILTINS.filter((plugin) => plugin.features(plugin.parseConfig({})).includes(feature)).map(
    ({ id }) => id,
  );
}
