import { BuildError, type Instruction, parseDockerfile } from "@slipway/core";
import { formatVersion, isAtLeast, type KanikoVersion } from "./kaniko-version.ts";

/** The first release that keeps setuid, setgid and sticky bits of `--chmod`; those before drop them without a word. */
const KEEPS_SPECIAL_BITS: KanikoVersion = { major: 1, minor: 28, patch: 0 };

/** Throws UNSUPPORTED_FEATURE for a `--chmod` whose special bits this version would lose. */
export function assertModesKept(dockerfile: string, version: KanikoVersion): void {
  if (isAtLeast(version, KEEPS_SPECIAL_BITS)) return;
  const { instructions } = parseDockerfile(dockerfile);
  const lossy = instructions.find((instruction) => hasSpecialBits(instruction.trigger ?? instruction));
  if (lossy === undefined) return;
  throw new BuildError(
    "UNSUPPORTED_FEATURE",
    `Kaniko ${formatVersion(version)} drops the setuid, setgid and sticky bits of --chmod, which line ${lossy.startLine} of the Dockerfile sets`,
    {
      remedy: `Set the mode in a RUN chmod, or use Kaniko ${formatVersion(KEEPS_SPECIAL_BITS)} or newer`,
      details: { line: lossy.startLine },
    },
  );
}

function hasSpecialBits({ keyword, flags }: Instruction): boolean {
  if (keyword !== "COPY" && keyword !== "ADD") return false;
  return flags.some(({ name, value }) => name === "chmod" && /^0*[1-7][0-7]{3}$/.test(value ?? ""));
}
