import { BuildError, type Instruction, parseDockerfile } from "@slipway/core";
import { formatVersion, isAtLeast, type KanikoVersion } from "./kaniko-version.ts";

/** Modes and owners that Kaniko loses without a word where the Dockerfile sets them. */
interface Loss {
  /** The first release that keeps them. */
  readonly keptSince: KanikoVersion | undefined;
  readonly concerns: (instruction: Instruction) => boolean;
  readonly what: string;
  readonly instead: string;
}

const LOSSES: readonly Loss[] = [
  {
    keptSince: { major: 1, minor: 28, patch: 0 },
    concerns: hasSpecialBits,
    what: "drops the setuid, setgid and sticky bits of --chmod, which",
    instead: "Set the mode in a RUN chmod",
  },
  {
    // Read in 1.24.0's ADD, and not known to have changed.
    keptSince: undefined,
    concerns: addsArchiveAs,
    what: "ignores --chown and --chmod for an archive that ADD unpacks, which",
    instead: "Unpack it by ADD alone, and set owner and mode in a RUN after it",
  },
];

/** Throws UNSUPPORTED_FEATURE, with the line, for a mode or an owner that this version would lose. */
export function assertAttributesKept(dockerfile: string, version: KanikoVersion): void {
  const { instructions } = parseDockerfile(dockerfile);
  for (const loss of LOSSES) {
    if (loss.keptSince !== undefined && isAtLeast(version, loss.keptSince)) continue;
    const lossy = instructions.find((instruction) => loss.concerns(instruction.trigger ?? instruction));
    if (lossy !== undefined) throw refusal(loss, lossy.startLine, version);
  }
}

function refusal({ keptSince, what, instead }: Loss, line: number, version: KanikoVersion): BuildError {
  const newer = keptSince === undefined ? "" : `, or use Kaniko ${formatVersion(keptSince)} or newer`;
  return new BuildError(
    "UNSUPPORTED_FEATURE",
    `Kaniko ${formatVersion(version)} ${what} line ${line} of the Dockerfile sets`,
    { remedy: `${instead}${newer}`, details: { line } },
  );
}

function hasSpecialBits({ keyword, flags }: Instruction): boolean {
  if (keyword !== "COPY" && keyword !== "ADD") return false;
  return flags.some(({ name, value }) => name === "chmod" && /^0*[1-7][0-7]{3}$/.test(value ?? ""));
}

/** By its name: whether a file is an archive, only its content tells, and that may be on another machine. */
function addsArchiveAs(instruction: Instruction): boolean {
  const { keyword, flags, json, args } = instruction;
  if (keyword !== "ADD" || !flags.some(({ name }) => name === "chown" || name === "chmod")) return false;
  const sources = (json ?? args.split(/\s+/)).slice(0, -1);
  return sources.some((source) => !/^https?:/i.test(source) && /\.(tar(\.\w+)?|t[gbx]z2?)$/i.test(source));
}
