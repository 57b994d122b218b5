import { createBuildVariables } from "./build-variables.ts";
import { flagValues, parseDockerfile } from "./instruction.ts";
import { substitute } from "./substitute.ts";

export interface PlainModes {
  /** As many lines as the original. */
  readonly text: string;
  /** The line of the first mode with a variable that only the builder can tell. */
  readonly unknownLine: number | undefined;
}

/**
 * Writes the modes of COPY and ADD --chmod without variables, for builders that do not replace them there, as BuildKit did not
 * before 0.16: it takes such a mode for none.
 */
export function withPlainModes(
  source: string,
  buildArgs?: Readonly<Record<string, string>> | undefined,
): PlainModes {
  const variables = createBuildVariables(buildArgs);
  const rows = source.split("\n");
  let unknownLine: number | undefined;
  for (const instruction of parseDockerfile(source).instructions) {
    for (const mode of flagValues(instruction, "chmod").filter((value) => value.includes("$"))) {
      const value = substitute(mode, variables.stage);
      const row = rowOf(rows, `--chmod=${mode}`, instruction.startLine - 1, instruction.endLine);
      if (value === undefined || row === undefined) unknownLine ??= instruction.startLine;
      else
        rows[row] =
          rows[row]?.replace(`--chmod=${mode}`, () => (value === "" ? "" : `--chmod=${value}`)) ?? "";
    }
    variables.read(instruction);
  }
  return { text: rows.join("\n"), unknownLine };
}

/** The first line with the flag that is no comment; undefined where quotes or line ends are in the middle of it. */
function rowOf(rows: readonly string[], flag: string, from: number, to: number): number | undefined {
  const row = rows
    .slice(0, to)
    .findIndex((text, at) => at >= from && !/^\s*#/.test(text) && text.includes(flag));
  return row < 0 ? undefined : row;
}
