import type { Feature } from "../features.ts";
import { type BuildVariables, createBuildVariables } from "./build-variables.ts";
import { checkCopy } from "./check-copy.ts";
import { checkMetadata } from "./check-metadata.ts";
import { checkSyntax } from "./check-syntax.ts";
import { checkWords } from "./check-words.ts";
import { sourcesOutside } from "./context-escape.ts";
import { dockerfileDefect } from "./dockerfile-defect.ts";
import { flagValues, type Instruction, parseDockerfile, wordsOf } from "./instruction.ts";
import { featuresOf } from "./instruction-features.ts";
import type { ParserDirective } from "./logical-lines.ts";
import { parseMountOptions } from "./mount-options.ts";
import { isOwnPlatform, type KnownPlatforms } from "./own-platform.ts";
import { substitute } from "./substitute.ts";

/** A feature that the Dockerfile needs, and where. */
export interface FeatureNeed {
  readonly feature: Feature;
  /** Counted from 1. */
  readonly line: number;
  /** The instruction on one line, shortened. */
  readonly text: string;
}

/** An image that the build pulls. */
export interface BaseImage {
  /** As written, variables replaced. */
  readonly image: string;
  /** Where FROM, COPY --from or RUN --mount=from= names it, counted from 1. */
  readonly line: number;
}

export interface DockerfileInspection {
  readonly needs: readonly FeatureNeed[];
  /** Without stages and `scratch`, and without those whose name only the builder can tell. */
  readonly baseImages: readonly BaseImage[];
  /** The names of the stages, in lower case; undefined for a stage without one. */
  readonly stages: readonly (string | undefined)[];
  readonly outsideSources: readonly OutsideSource[];
}

/**
 * A source of COPY, ADD or a bind mount that leads out of the context. Docker removes the leading `..` (Dockerfile reference,
 * "Copying from the build context"); a builder that does not must refuse it, or a Dockerfile reads the files of its pod.
 */
export interface OutsideSource {
  /** As written. */
  readonly source: string;
  /** Counted from 1. */
  readonly line: number;
}

export interface InspectOptions extends KnownPlatforms {
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
}

/**
 * Tells what a Dockerfile needs before anything is started for it. Throws INVALID_REQUEST with line and cure for what
 * Docker refuses as well: unknown instructions and flags, wrong arguments, values that are none.
 */
export function inspectDockerfile(source: string, options: InspectOptions = {}): DockerfileInspection {
  const { directives, instructions } = parseDockerfile(source);
  const escapeChar = directives.find(({ name }) => name === "escape")?.value ?? "\\";
  checkStages(instructions);
  const variables = createBuildVariables(options.buildArgs);
  const needs: FeatureNeed[] = syntaxNeeds(directives);
  const stages: (string | undefined)[] = [];
  const stageNames = new Set<string>();
  const baseImages: BaseImage[] = [];
  const outsideSources: OutsideSource[] = [];
  for (const instruction of instructions) {
    checkSyntax(instruction);
    checkWords(instruction, escapeChar);
    checkCopy(instruction, variables.stage);
    checkMetadata(instruction, variables.stage);
    for (const source of sourcesOutside(instruction, variables.stage)) {
      outsideSources.push({ source, line: instruction.startLine });
    }
    const scope = {
      variables: variables.stage,
      isOwnPlatform: (value: string) => isOwnPlatform(value, variables.global, options),
    };
    for (const feature of new Set(featuresOf(instruction, scope))) {
      needs.push({ feature, line: instruction.startLine, text: summaryOf(instruction) });
    }
    baseImages.push(...imagesOf(instruction, variables, stageNames));
    if (instruction.keyword === "FROM") {
      const name = wordsOf(instruction)[2]?.toLowerCase();
      stages.push(name);
      if (name !== undefined) stageNames.add(name);
    }
    variables.read(instruction);
  }
  return { needs, baseImages, stages, outsideSources };
}

function checkStages(instructions: readonly Instruction[]): void {
  const first = instructions.find(({ keyword }) => keyword !== "ARG");
  if (first?.keyword === "FROM") return;
  // An unknown instruction is the better explanation.
  if (first !== undefined) checkSyntax(first);
  const line = first?.startLine ?? 1;
  throw dockerfileDefect(line, "there is no FROM before the first instruction", "Begin with FROM IMAGE");
}

function syntaxNeeds(directives: readonly ParserDirective[]): FeatureNeed[] {
  const syntax = directives.find(({ name }) => name === "syntax");
  const image = syntax?.value.split(" ")[0] ?? "";
  if (syntax === undefined || /^(?:docker\.io\/)?docker\/dockerfile(?:[:@]|$)/.test(image)) return [];
  return [{ feature: "syntax-frontend", line: syntax.line, text: `# syntax=${syntax.value}` }];
}

function imagesOf(
  instruction: Instruction,
  variables: BuildVariables,
  stageNames: ReadonlySet<string>,
): readonly BaseImage[] {
  const { keyword, startLine: line } = instruction;
  const images =
    keyword === "FROM" ? [fromImage(instruction, variables)] : otherImages(instruction, variables);
  return (
    images
      .filter((image) => image !== undefined && image !== "scratch" && !stageNames.has(image.toLowerCase()))
      // A number is the index of a stage, but only outside FROM.
      .filter((image) => keyword === "FROM" || !/^\d+$/.test(image ?? ""))
      .map((image = "") => ({ image, line }))
  );
}

function fromImage(instruction: Instruction, { global }: BuildVariables): string | undefined {
  const [word = ""] = wordsOf(instruction);
  const image = substitute(word, global);
  if (image !== "") return image;
  throw dockerfileDefect(
    instruction.startLine,
    `FROM ${word} names no image`,
    "Give the ARG a default before the first FROM",
  );
}

function otherImages(instruction: Instruction, { stage }: BuildVariables): readonly (string | undefined)[] {
  if (instruction.keyword === "COPY") return flagValues(instruction, "from");
  if (instruction.keyword !== "RUN") return [];
  return flagValues(instruction, "mount").map((value) => {
    const from = parseMountOptions(value).options.get("from");
    return from === undefined ? undefined : substitute(from, stage);
  });
}

function summaryOf({ keyword, rawFlags, args }: Instruction): string {
  const text = [keyword, rawFlags, args]
    .filter((part) => part !== "")
    .join(" ")
    .replace(/\s+/g, " ");
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
