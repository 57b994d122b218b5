import {
  BuildError,
  type BuildRequest,
  type InstructionValues,
  instructionValues,
  replaceInstruction,
} from "@slipway/core";
import { appendToStage } from "./stage-end.ts";

/**
 * Moves VOLUME behind the last RUN of its stage: Kaniko leaves out of the image what RUN writes into a volume that is declared,
 * and Docker keeps it (Dockerfile reference, "Notes about specifying volumes"). Nothing else depends on where it stands. Throws
 * UNSUPPORTED_FEATURE, with the line, for a path that only the builder can tell.
 */
export function moveVolumes(dockerfile: string, { buildArgs }: Pick<BuildRequest, "buildArgs">): string {
  let text = dockerfile;
  // From the last to the first, so that the lines of those before stay where they are.
  for (const [stage, instructions] of [...stagesOf(dockerfile, buildArgs).entries()].reverse()) {
    const lastRun = instructions.findLastIndex(({ instruction }) => instruction.keyword === "RUN");
    const early = instructions
      .slice(0, lastRun + 1)
      .filter(({ instruction }) => instruction.keyword === "VOLUME");
    if (early.length > 0) text = moved(text, stage, early);
  }
  return text;
}

function stagesOf(dockerfile: string, buildArgs: BuildRequest["buildArgs"]): InstructionValues[][] {
  const stages: InstructionValues[][] = [];
  for (const values of instructionValues(dockerfile, { buildArgs })) {
    if (values.instruction.keyword === "FROM") stages.push([]);
    stages.at(-1)?.push(values);
  }
  return stages;
}

function moved(dockerfile: string, stage: number, volumes: readonly InstructionValues[]): string {
  const paths = volumes.flatMap(({ instruction, values }) =>
    values.map((value) => escaped(value ?? unknown(instruction.startLine))),
  );
  const rows = dockerfile.split("\n");
  for (const { instruction } of volumes) replaceInstruction(rows, instruction, "");
  const [first] = volumes;
  const longer = appendToStage(rows.join("\n"), stage, `VOLUME ${JSON.stringify(paths)}`);
  return longer ?? unknown(first?.instruction.startLine ?? 1);
}

/** Variables and quotes are looked for in the strings of the JSON form as well. */
function escaped(path: string): string {
  return path.replace(/["'$\\]/g, "\\$&");
}

function unknown(line: number): never {
  throw new BuildError(
    "UNSUPPORTED_FEATURE",
    `Kaniko leaves out of the image what RUN writes into the volume of line ${line} of the Dockerfile`,
    { remedy: "Put VOLUME behind the last RUN of its stage", details: { line } },
  );
}
