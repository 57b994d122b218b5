import { BuildError, type Instruction, parseDockerfile } from "@slipway/core";
import { formatVersion, isAtLeast, type KanikoVersion } from "./kaniko-version.ts";

/** The first release that keeps the setuid, setgid and sticky bits of --chmod; the ones before drop them without a word. */
const KEPT_SINCE: KanikoVersion = { major: 1, minor: 28, patch: 0 };

/** Throws UNSUPPORTED_FEATURE, with the line, for a mode that this version would lose. */
export function assertAttributesKept(dockerfile: string, version: KanikoVersion): void {
  if (isAtLeast(version, KEPT_SINCE)) return;
  const { instructions } = parseDockerfile(dockerfile);
  const lossy = instructions.find((instruction) => hasSpecialBits(instruction.trigger ?? instruction));
  if (lossy === undefined) return;
  const line = lossy.startLine;
  throw new BuildError(
    "UNSUPPORTED_FEATURE",
    `Kaniko ${formatVersion(version)} drops the setuid, setgid and sticky bits of --chmod, which line ${line} of the Dockerfile sets`,
    {
      remedy: `Set the mode in a RUN chmod, or use Kaniko ${formatVersion(KEPT_SINCE)} or newer`,
      details: { line },
    },
  );
}

function hasSpecialBits({ keyword, flags }: Instruction): boolean {
  if (keyword !== "COPY" && keyword !== "ADD") return false;
  return flags.some(({ name, value }) => name === "chmod" && /^0*[1-7][0-7]{3}$/.test(value ?? ""));
}
