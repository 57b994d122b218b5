import { BuildError, type BuildRequest, withPlainModes } from "@slipway/core";
import { type DindConfig, declaredVersion } from "./config.ts";
import { type DockerVersion, isAtLeast } from "./docker-version.ts";

/** A release that has a BuildKit later than 0.16; those before it take a mode with a variable for none, without a word. */
const VARIABLES_SINCE: DockerVersion = { major: 28, minor: 0, patch: 0 };

/** The Dockerfile with the modes of --chmod written out. Throws UNSUPPORTED_FEATURE, with the line, where only the build would tell. */
export function plainModes(dockerfile: string, { buildArgs }: BuildRequest, config: DindConfig): string {
  const version = declaredVersion(config);
  if (version !== undefined && isAtLeast(version, VARIABLES_SINCE)) return dockerfile;
  const { text, unknownLine: line } = withPlainModes(dockerfile, buildArgs);
  if (line === undefined) return text;
  throw new BuildError(
    "UNSUPPORTED_FEATURE",
    `Docker before 28 ignores a mode with a variable, which --chmod in line ${line} of the Dockerfile has`,
    {
      remedy: "Write the mode itself, or without quotes and with a variable that ARG or ENV gives a value",
      details: { line },
    },
  );
}
