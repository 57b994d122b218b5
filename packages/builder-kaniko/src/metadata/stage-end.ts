import { parseDockerfile } from "@slipway/core";

/**
 * Puts one more instruction at the end of a stage, counted from 0. Lines of later stages move by one. Undefined where it cannot be
 * done: a last line that is continued would take the new one for a part of it.
 */
export function appendToStage(dockerfile: string, stage: number, line: string): string | undefined {
  const { instructions } = parseDockerfile(dockerfile);
  const next = instructions.filter(({ keyword }) => keyword === "FROM")[stage + 1];
  const rows = dockerfile.split("\n");
  rows.splice(next === undefined ? rows.length : next.startLine - 1, 0, line);
  const longer = rows.join("\n");
  return parseDockerfile(longer).instructions.length > instructions.length ? longer : undefined;
}
