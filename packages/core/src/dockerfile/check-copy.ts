import { dockerfileDefect } from "./dockerfile-defect.ts";
import { flagValues, type Instruction } from "./instruction.ts";
import { isGitSource, sourcesOf } from "./instruction-features.ts";
import { type Lookup, substitute } from "./substitute.ts";

/**
 * Throws INVALID_REQUEST for what BuildKit refuses in COPY and ADD once variables are replaced and before anything is
 * built: downloads by COPY, modes that are none, checksums that fit no source. What only the builder can tell passes, and
 * so does ONBUILD: it is looked at by the build that it is for.
 */
export function checkCopy(instruction: Instruction, variables: Lookup): void {
  const { keyword } = instruction;
  if (keyword !== "COPY" && keyword !== "ADD") return;
  const sources = sourcesOf(instruction).map((source) => substitute(source, variables) ?? source);
  if (keyword === "COPY") checkCopySources(instruction, sources);
  for (const value of flagValues(instruction, "chmod")) {
    checkMode(instruction, substitute(value, variables));
  }
  for (const value of flagValues(instruction, "checksum")) {
    checkChecksum(instruction, sources, substitute(value, variables));
  }
}

function checkCopySources({ startLine }: Instruction, sources: readonly string[]): void {
  const remote = sources.find((source) => isUrl(source) || isGitSource(source));
  if (remote === undefined) return;
  throw dockerfileDefect(startLine, `COPY cannot fetch ${remote}`, "Use ADD for what comes over the network");
}

const LARGEST_MODE = 0o7777;
/** chmod(1): who, operator, permissions or whose to copy, any number of times, in clauses with commas between. */
const SYMBOLIC_MODE = /^[ugoa]*(?:[-+=](?:[rwxXst]+|[ugo])?)+(?:,[ugoa]*(?:[-+=](?:[rwxXst]+|[ugo])?)+)*$/;

function checkMode({ keyword, startLine }: Instruction, mode: string | undefined): void {
  // An empty mode is as good as none.
  if (mode === undefined || mode === "" || SYMBOLIC_MODE.test(mode)) return;
  if (/^[0-7]+$/.test(mode) && Number.parseInt(mode, 8) <= LARGEST_MODE) return;
  throw dockerfileDefect(
    startLine,
    `${keyword} --chmod=${mode} is not a mode`,
    "Write an octal mode up to 7777, or a symbolic one such as u=rwX,go=rX",
  );
}

function checkChecksum(
  { startLine }: Instruction,
  sources: readonly string[],
  checksum: string | undefined,
): void {
  const [source = "", ...others] = sources;
  if (checksum === undefined || checksum === "") return;
  if (others.length > 0) {
    throw dockerfileDefect(startLine, "ADD --checksum is for one source", "Write an ADD for each source");
  }
  if (isGitSource(source)) return;
  // What a variable of the base image stands for may be one.
  if (source.includes("$")) return;
  if (!isUrl(source)) {
    throw dockerfileDefect(
      startLine,
      `ADD --checksum is for a download, and ${source} is none`,
      "Leave out --checksum for files of the context",
    );
  }
  if (/^sha256:[0-9a-f]{64}$/.test(checksum)) return;
  throw dockerfileDefect(
    startLine,
    `ADD --checksum=${checksum} is not the checksum of a download`,
    "Write sha256: and 64 hexadecimal digits in lower case",
  );
}

function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source);
}
