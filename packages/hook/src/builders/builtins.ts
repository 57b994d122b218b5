import { builder as dind } from "@slipway/builder-dind";
import { builder as kaniko } from "@slipway/builder-kaniko";
import type { BuilderPlugin, Feature } from "@slipway/core";

interface Builtin {
  readonly plugin: BuilderPlugin;
  /** The least that it can be configured with. */
  readonly least: object;
}

/** The builders that come with the hook: the only file that names one. The first is the default. */
const BUILTINS: readonly Builtin[] = [
  { plugin: kaniko, least: {} },
  { plugin: dind, least: { acceptPrivileged: true } },
];

/** Their ids. */
export const BUILTIN_IDS: readonly string[] = BUILTINS.map(({ plugin }) => plugin.id);

/** The builder with this id; undefined when none that comes with the hook has it. */
export function builtinBuilder(id: string): BuilderPlugin | undefined {
  return BUILTINS.find(({ plugin }) => plugin.id === id)?.plugin;
}

/** Which of the builders have a feature, when nothing is configured that need not be. */
export function buildersWith(feature: Feature): readonly string[] {
  const having = BUILTINS.filter(({ plugin, least }) =>
    plugin.features(plugin.parseConfig(least)).includes(feature),
  );
  return having.map(({ plugin }) => plugin.id);
}
