import { type Instruction, parseDockerfile, wordsOf } from "@slipway/core";

/** A pattern that no file has: nothing is copied, and no layer made. */
const NOTHING = "COPY slipway-copies-nothing-[0] /";
const UNPACKS = ["RUN", "COPY", "ADD"];
const MAKES_FOLDERS = ["WORKDIR", "VOLUME"];

/**
 * Has Kaniko unpack the base of every stage that makes folders and neither runs nor copies anything: it works in an empty file
 * system otherwise, gives folders of the base another mode, and knows no user. One line more for each, after FROM.
 */
export function unpackBases(dockerfile: string): string {
  const rows = dockerfile.split("\n");
  for (const [from, ...rest] of stagesIn(dockerfile).reverse()) {
    if (from === undefined || wordsOf(from)[0] === "scratch") continue;
    const has = (keywords: readonly string[]) => rest.some(({ keyword }) => keywords.includes(keyword));
    if (has(MAKES_FOLDERS) && !has(UNPACKS)) rows.splice(from.endLine, 0, NOTHING);
  }
  return rows.join("\n");
}

function stagesIn(dockerfile: string): Instruction[][] {
  const stages: Instruction[][] = [];
  for (const instruction of parseDockerfile(dockerfile).instructions) {
    if (instruction.keyword === "FROM") stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}
