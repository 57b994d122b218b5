import { BuildError, type OutsideSource } from "@slipway/core";

/**
 * Throws UNSUPPORTED_FEATURE, with the line, for a source that leads out of the context: Kaniko follows it into the file system
 * of its pod, where Docker removes the leading `..`. Those of COPY and ADD are gone by now, but for what only the builder can tell.
 */
export function assertSourcesInside([outside]: readonly OutsideSource[]): void {
  if (outside === undefined) return;
  const { source, line } = outside;
  throw new BuildError(
    "UNSUPPORTED_FEATURE",
    `Kaniko follows ${source}, which line ${line} of the Dockerfile takes, out of the build context`,
    {
      remedy:
        "Write the path from the folder of the Dockerfile, without leading ..; that is where Docker takes it from",
      details: { line },
    },
  );
}
