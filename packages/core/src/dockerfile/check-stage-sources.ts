import { isBuildError } from "../errors.ts";
import { parseReference } from "../reference.ts";
import { dockerfileDefect } from "./dockerfile-defect.ts";
import { type Instruction, wordsOf } from "./instruction.ts";
import type { Stage, StageSource } from "./stage-graph.ts";

/**
 * Throws INVALID_REQUEST for what FROM, `COPY --from` and `RUN --mount=from=` cannot name. Names of images are looked at in
 * the stages that are needed: Docker never reads the others.
 */
export function checkStageSources(stages: readonly Stage[], needed: ReadonlySet<number>): void {
  for (const [index, { sources }] of stages.entries()) {
    for (const source of sources) {
      checkBlank(source);
      checkNumber(source, stages.length);
      checkItself(source, index);
      if (needed.has(index)) checkImage(source);
    }
  }
}

function checkBlank({ instruction, text }: StageSource): void {
  if (instruction.keyword !== "FROM" || text !== "") return;
  throw dockerfileDefect(
    instruction.startLine,
    `FROM ${wordsOf(instruction)[0]} names no image`,
    "Give the ARG a default before the first FROM",
  );
}

function checkNumber({ instruction, text = "", stage }: StageSource, count: number): void {
  if (instruction.keyword !== "COPY" || stage !== undefined || !/^\d+$/.test(text)) return;
  throw dockerfileDefect(
    instruction.startLine,
    `COPY --from=${text}: there is no stage ${text}`,
    `Stages count from 0 to ${count - 1}; better name them`,
  );
}

function checkItself({ instruction, text, stage }: StageSource, index: number): void {
  if (stage !== index || instruction.trigger !== undefined) return;
  throw dockerfileDefect(
    instruction.startLine,
    `${instruction.keyword} takes from stage ${text}, which is its own`,
    "Take the files from another stage, or copy them in a RUN",
  );
}

function checkImage({ instruction, text, stage }: StageSource): void {
  if (stage !== undefined || text === undefined || text === "" || text === "scratch") return;
  if (instruction.trigger !== undefined) return;
  if (text.includes("$")) throw variableDefect(instruction, text);
  try {
    parseReference(text);
  } catch (error) {
    if (!isBuildError(error)) throw error;
    throw dockerfileDefect(instruction.startLine, error.message, error.remedy ?? "Correct the name");
  }
}

function variableDefect({ keyword, startLine }: Instruction, text: string) {
  return dockerfileDefect(
    startLine,
    `${keyword} cannot take from ${text}: variables are not replaced there`,
    `Give it a name before: FROM ${text} AS NAME, with the ARG before the first FROM`,
  );
}
