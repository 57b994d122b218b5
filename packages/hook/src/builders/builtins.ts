import { builder as kaniko } from "@slipway/builder-kaniko";
import type { BuilderPlugin, Feature } from "@slipway/core";

/** The builders that come with the hook: the only file that names one. */
const BUILTINS: readonly BuilderPlugin[] = [kaniko];

/** Their ids. */
export const BUILTIN_IDS: readonly string[] = BUILTINS.map(({ id }) => id);

/** The builder with this id; undefined when none that comes with the hook has it. */
export function builtinBuilder(id: string): BuilderPlugin | undefined {
  return BUILTINS.find((builder) => builder.id === id);
}

/** Which of the other builders have a feature, by the configuration they have when nothing is set. */
export function buildersWith(feature: Feature): readonly string[] {
  return BUILTINS.filter((plugin) => plugin.features(plugin.parseConfig({})).includes(feature)).map(
    ({ id }) => id,
  );
}
