import { assertFeatures, BuildError, type BuilderPlugin, type Feature, isBuildError } from "@slipway/core";

/** A builder's configuration, checked by the builder, and what it can do with it. */
export interface ConfiguredBuilder {
  readonly config: unknown;
  readonly features: readonly Feature[];
}

const SETTING = "SLIPWAY_BUILDER_CONFIG";

/** Has the builder check its configuration. Throws INVALID_CONFIG that names SLIPWAY_BUILDER_CONFIG and, where the builder tells it, the field. */
export function configureBuilder(plugin: BuilderPlugin, input: unknown): ConfiguredBuilder {
  const config = parse(plugin, input);
  const features = plugin.features(config);
  assertFeatures(features, `The builder ${plugin.id}`);
  return { config, features };
}

function parse(plugin: BuilderPlugin, input: unknown): unknown {
  try {
    return plugin.parseConfig(input);
  } catch (error) {
    throw namesSetting(error) ? error : misconfigured(plugin.id, error);
  }
}

function namesSetting(error: unknown): boolean {
  return isBuildError(error) && `${error.message} ${error.remedy}`.includes(SETTING);
}

function misconfigured(id: string, error: unknown): BuildError {
  const remedy = isBuildError(error) ? error.remedy : undefined;
  return new BuildError(
    "INVALID_CONFIG",
    `${SETTING} is not what the builder ${id} takes: ${reasonOf(error)}`,
    {
      remedy: remedy ?? `Correct ${SETTING} on the runner container as the builder's documentation says`,
      cause: error,
    },
  );
}

/** Libraries that check shapes have the field beside the message, and their message may be a page of JSON. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { issues } = error as { readonly issues?: unknown };
  const [first] = Array.isArray(issues) ? (issues as readonly Partial<Issue>[]) : [];
  const message = (first?.message ?? error.message).split("\n", 1)[0] ?? "";
  const field = Array.isArray(first?.path) ? first.path.map(nameOf).join(".") : "";
  return field === "" ? message : `field ${field}: ${message}`;
}

interface Issue {
  readonly message: string;
  readonly path: readonly unknown[];
}

function nameOf(part: unknown): string {
  return String(typeof part === "object" && part !== null && "key" in part ? part.key : part);
}
