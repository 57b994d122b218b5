import { createBuildVariables } from "./build-variables.ts";
import { type Instruction, parseDockerfile, wordsOf } from "./instruction.ts";
import { substitute } from "./substitute.ts";

/** An instruction, and what its words are once variables are replaced. */
export interface InstructionValues {
  readonly instruction: Instruction;
  /** One for each word; undefined where only the builder can tell, as with a variable that the base image may set. */
  readonly values: readonly (string | undefined)[];
}

export interface InstructionValuesOptions {
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
}

/**
 * Every instruction in order, with its words as the builder will see them: for builders that have to look at the values
 * themselves. Meant for instructions in which variables are replaced (Dockerfile reference, "Environment replacement").
 */
export function instructionValues(
  source: string,
  { buildArgs }: InstructionValuesOptions = {},
): readonly InstructionValues[] {
  const variables = createBuildVariables(buildArgs);
  return parseDockerfile(source).instructions.map((instruction) => {
    const lookup = instruction.keyword === "FROM" ? variables.global : variables.stage;
    const values = wordsOf(instruction).map((word) => substitute(word, lookup));
    variables.read(instruction);
    return { instruction, values };
  });
}
