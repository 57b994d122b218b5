import { posix } from "node:path";
import { BuildError, parseDockerfile, stagesOf, wordsOf } from "@slipway/core";
import { formatVersion, isAtLeast, type KanikoVersion } from "./kaniko-version.ts";

/** The first release of which it is not known that it fails. */
const COPIES_SINCE: KanikoVersion = { major: 1, minor: 28, patch: 0 };

/**
 * Throws UNSUPPORTED_FEATURE, with the line, for a COPY of the root of a stage: Kaniko takes the kernel's folders along, and fails while
 * it reads them.
 */
export function assertNoRootCopied(dockerfile: string, version: KanikoVersion): void {
  if (isAtLeast(version, COPIES_SINCE)) return;
  const copy = stagesOf(parseDockerfile(dockerfile).instructions)
    .flatMap(({ sources }) => sources)
    .filter(({ instruction, stage }) => instruction.keyword === "COPY" && stage !== undefined)
    .find(({ instruction }) => wordsOf(instruction).slice(0, -1).some(isRoot));
  if (copy === undefined) return;
  const line = copy.instruction.startLine;
  throw new BuildError(
    "UNSUPPORTED_FEATURE",
    `Kaniko ${formatVersion(version)} cannot copy the root of a stage, as line ${line} of the Dockerfile does`,
    { remedy: "Begin the stage with FROM that stage, or name the folders to copy", details: { line } },
  );
}

function isRoot(source: string): boolean {
  return ["/", "/*"].includes(posix.resolve("/", source));
}
