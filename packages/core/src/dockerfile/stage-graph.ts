import { type BuildVariables, createBuildVariables } from "./build-variables.ts";
import { flagValues, type Instruction, wordsOf } from "./instruction.ts";
import { parseMountOptions } from "./mount-options.ts";
import { substitute } from "./substitute.ts";

/** One stage of a Dockerfile, and what it is made from. */
export interface Stage {
  /** In lower case; undefined for a stage without one. */
  readonly name: string | undefined;
  /** FROM first. */
  readonly instructions: readonly Instruction[];
  /** Every stage or image that it begins at, copies from or mounts, and where. */
  readonly sources: readonly StageSource[];
}

export interface StageSource {
  readonly instruction: Instruction;
  /** Variables replaced; undefined when only the builder can tell. */
  readonly text: string | undefined;
  /** The number of the stage that it is; undefined for an image. */
  readonly stage: number | undefined;
}

export interface StageOptions {
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
  /** Name or number of the stage to build; the last one when left out. */
  readonly target?: string | undefined;
}

/** Groups the instructions of a Dockerfile into stages; what comes before the first FROM is in none. */
export function stagesOf(
  instructions: readonly Instruction[],
  { buildArgs }: StageOptions = {},
): readonly Stage[] {
  const variables = createBuildVariables(buildArgs);
  const all = instructions.filter(({ keyword }) => keyword === "FROM").map(nameOf);
  const numbers: StageNumbers = { count: all.length, before: new Map(), all: numbered(all) };
  const stages: { name: string | undefined; instructions: Instruction[]; sources: StageSource[] }[] = [];
  for (const instruction of instructions) {
    const sources = namedSources(instruction, variables).map((text) => ({
      instruction,
      text,
      stage: numberOf(text, instruction, numbers),
    }));
    if (instruction.keyword === "FROM") {
      const name = nameOf(instruction);
      if (name !== undefined) numbers.before.set(name, stages.length);
      stages.push({ name, instructions: [], sources: [] });
    }
    stages.at(-1)?.instructions.push(instruction);
    stages.at(-1)?.sources.push(...sources);
    variables.read(instruction);
  }
  return stages;
}

/**
 * The numbers of the stages that the target is made from, itself included: BuildKit builds no others (Docker, "Multi-stage builds").
 * Where only the builder can tell what a FROM names, every stage before it counts.
 */
export function neededStages(stages: readonly Stage[], { target }: StageOptions = {}): ReadonlySet<number> {
  const needed = new Set<number>();
  // Not by recursion: a hostile Dockerfile may have tens of thousands of stages.
  const open = stages.length === 0 ? [] : [targetIndex(stages, target)];
  let before = 0;
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (needed.has(index)) continue;
    needed.add(index);
    for (const { text, stage } of stages[index]?.sources ?? []) {
      if (stage !== undefined) open.push(stage);
      else if (text === undefined) for (; before < index; before += 1) open.push(before);
    }
  }
  return needed;
}

function targetIndex(stages: readonly Stage[], target: string | undefined): number {
  const named = target === undefined ? -1 : stages.findLastIndex(({ name }) => name === target.toLowerCase());
  if (named >= 0) return named;
  const number = /^\d+$/.test(target ?? "") ? Number(target) : stages.length;
  return Math.min(number, stages.length - 1);
}

function nameOf(from: Instruction): string | undefined {
  return wordsOf(from)[2]?.toLowerCase();
}

/** As written in FROM, `COPY --from` and `RUN --mount=from=`, those of a trigger included. */
function namedSources(
  outer: Instruction,
  { global, stage }: BuildVariables,
): readonly (string | undefined)[] {
  const instruction = outer.trigger ?? outer;
  switch (instruction.keyword) {
    case "FROM":
      return [substitute(wordsOf(instruction)[0] ?? "", global)];
    case "COPY":
      // BuildKit replaces no variables here.
      return flagValues(instruction, "from");
    case "RUN":
      return flagValues(instruction, "mount")
        .map((value) => parseMountOptions(value).options.get("from"))
        .filter((from) => from !== undefined)
        .map((from) => substitute(from, stage));
    default:
      return [];
  }
}

interface StageNumbers {
  readonly count: number;
  /** By the names of the stages that have begun. */
  readonly before: Map<string, number>;
  readonly all: ReadonlyMap<string, number>;
}

/** Of two stages with one name the last one counts. */
function numbered(names: readonly (string | undefined)[]): ReadonlyMap<string, number> {
  return new Map(names.flatMap((name, index) => (name === undefined ? [] : [[name, index]])));
}

/** A stage comes before an image of its name. Only COPY knows numbers. A trigger is for another stage, so that it may name a later one. */
function numberOf(
  text: string | undefined,
  { keyword, trigger }: Instruction,
  { count, before, all }: StageNumbers,
): number | undefined {
  if (text === undefined || text === "") return undefined;
  if ((trigger?.keyword ?? keyword) === "COPY" && /^\d+$/.test(text)) {
    return Number(text) < count ? Number(text) : undefined;
  }
  return (trigger === undefined ? before : all).get(text.toLowerCase());
}
