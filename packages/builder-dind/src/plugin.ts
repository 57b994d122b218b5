import { defineBuilder } from "@slipway/core";
import { declaredVersion, parseDindConfig } from "./config.ts";
import { DindBuilder } from "./dind-builder.ts";
import { supportedFeatures } from "./docker-releases.ts";
import { OLDEST_VERSION } from "./docker-version.ts";

/** Docker in a pod as a builder plugin. */
export const builder = defineBuilder({
  apiVersion: 1,
  id: "dind",
  summary: "Builds with Docker in a privileged pod: opt-in, the measure for the others",
  // A version that is not known has what all of them have.
  features: (config) => supportedFeatures(declaredVersion(config) ?? OLDEST_VERSION),
  parseConfig: parseDindConfig,
  create: (config, host) => new DindBuilder(config, host),
});
