import { BuildError } from "./errors.ts";
import { FEATURES, type Feature } from "./features.ts";
import type { ImageBuilder } from "./image-builder.ts";

/** The part of a winston logger that a builder may use: what we did, never what the build printed. */
export interface Logger {
  debug(message: string, meta?: object): void;
  info(message: string, meta?: object): void;
  warn(message: string, meta?: object): void;
  error(message: string, meta?: object): void;
}

/** Which registries may be spoken to, how. Everything else is HTTPS with the system's certificates. */
export interface RegistryTrust {
  /** Hosts (`host[:port]`) that speak plain HTTP, because the operator said so. */
  readonly plainHttp: readonly string[];
  /** PEM certificates trusted beside the system's, for every registry. */
  readonly ca?: string;
}

/** What every builder gets, whoever wrote it. */
export interface BuilderHost {
  readonly logger: Logger;
  readonly trust: RegistryTrust;
  /** Private to this builder, empty at the start, must be empty at the end. */
  readonly workDir: string;
}

/** What a package exports as `builder`, so that a builder can be made from configuration. */
export interface BuilderPlugin<Config = unknown> {
  /** Version of this contract, not of the plugin. */
  readonly apiVersion: 1;
  /** Kebab-case and stable: it is a configuration value and a label value. */
  readonly id: string;
  readonly summary: string;
  /** What this builder, so configured, can do. The gate in `runBuild` refuses everything else. */
  features(config: Config): readonly Feature[];
  /** The only place that sees untyped configuration. Throws INVALID_CONFIG that names the field. */
  parseConfig(input: unknown): Config;
  /** Cheap and synchronous: connect in build(), not here. */
  create(config: Config, host: BuilderHost): ImageBuilder;
}

/** Identity function: infers Config for the author. */
export function defineBuilder<Config>(plugin: BuilderPlugin<Config>): BuilderPlugin<Config> {
  return plugin;
}

/** Checks at run time what a plugin written in plain JavaScript may have got wrong. Throws INVALID_CONFIG. */
export function assertBuilderPlugin(value: unknown, origin: string): asserts value is BuilderPlugin {
  const wrong = defectOf(value);
  if (wrong === undefined) return;
  throw new BuildError("INVALID_CONFIG", `${origin} is not a builder plugin: ${wrong}`, {
    remedy: "Export `builder = defineBuilder({ … })` as docs/builders.md shows",
  });
}

function defectOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "it has no `builder` export";
  const plugin = value as Partial<BuilderPlugin>;
  if (plugin.apiVersion !== 1) return `apiVersion is ${String(plugin.apiVersion)}, expected 1`;
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(plugin.id ?? "")) return "id is not kebab-case of at most 31 characters";
  const missing = (["features", "parseConfig", "create"] as const).find(
    (name) => typeof plugin[name] !== "function",
  );
  return missing === undefined ? undefined : `${missing} is not a function`;
}

/** Throws INVALID_CONFIG for a feature that is not in the closed list. */
export function assertFeatures(
  features: readonly string[],
  origin: string,
): asserts features is readonly Feature[] {
  const unknown = features.find((feature) => !Object.hasOwn(FEATURES, feature));
  if (unknown === undefined) return;
  throw new BuildError("INVALID_CONFIG", `${origin} declares the unknown feature "${unknown}"`, {
    remedy: `Use the names of the feature table: ${Object.keys(FEATURES).join(", ")}`,
  });
}
