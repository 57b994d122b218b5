import { defineBuilder } from "@slipway/core";
import { declaredVersion, parseKanikoConfig } from "./config.ts";
import { KanikoBuilder } from "./kaniko-builder.ts";
import { supportedFeatures } from "./kaniko-releases.ts";
import { OLDEST_VERSION } from "./kaniko-version.ts";

/** Kaniko as a builder plugin. */
export const builder = defineBuilder({
  apiVersion: 1,
  id: "kaniko",
  summary: "Builds with Kaniko: unprivileged, the default",
  // A version that is not known yet has what all of them have.
  features: (config) => supportedFeatures(declaredVersion(config) ?? OLDEST_VERSION),
  parseConfig: parseKanikoConfig,
  create: (config, host) => new KanikoBuilder(config, host),
});
