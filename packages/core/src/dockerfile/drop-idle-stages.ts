import { parseDockerfile } from "./instruction.ts";
import { replaceInstruction } from "./replace-instruction.ts";
import { neededStages, type StageOptions, stagesOf } from "./stage-graph.ts";

/**
 * Empties the stages that the target does not need, for builders that would build them: each becomes `FROM scratch`, with its
 * name and number, and every line keeps its number. What BuildKit does not build can neither fail nor cost anything.
 */
export function dropIdleStages(source: string, options: StageOptions = {}): string {
  const stages = stagesOf(parseDockerfile(source).instructions, options);
  const needed = neededStages(stages, options);
  const rows = source.split("\n");
  for (const [index, { name, instructions }] of stages.entries()) {
    if (needed.has(index)) continue;
    for (const instruction of instructions) {
      const from = name === undefined ? "FROM scratch" : `FROM scratch AS ${name}`;
      replaceInstruction(rows, instruction, instruction.keyword === "FROM" ? from : "");
    }
  }
  return rows.join("\n");
}
