import type { Feature } from "../features.ts";
import { createBuildVariables } from "./build-variables.ts";
import { checkCopy } from "./check-copy.ts";
import { checkMetadata } from "./check-metadata.ts";
import { checkStageSources } from "./check-stage-sources.ts";
import { checkSyntax } from "./check-syntax.ts";
import { checkWords } from "./check-words.ts";
import { sourcesOutside } from "./context-escape.ts";
import { dockerfileDefect } from "./dockerfile-defect.ts";
import { type Instruction, parseDockerfile } from "./instruction.ts";
import { featuresOf } from "./instruction-features.ts";
import type { ParserDirective } from "./logical-lines.ts";
import { isOwnPlatform, type KnownPlatforms } from "./own-platform.ts";
import { neededStages, type Stage, type StageOptions, stagesOf } from "./stage-graph.ts";

/** A feature that the stages which are built need, and where. */
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

export interface InspectOptions extends KnownPlatforms, StageOptions {}

/**
 * Tells what a Dockerfile needs before anything is started for it. Throws INVALID_REQUEST with line and cure for what
 * Docker refuses as well: unknown instructions and flags, wrong arguments, values that are none.
 */
export function inspectDockerfile(source: string, options: InspectOptions = {}): DockerfileInspection {
  const { directives, instructions } = parseDockerfile(source);
  const escapeChar = directives.find(({ name }) => name === "escape")?.value ?? "\\";
  checkStages(instructions);
  const stages = stagesOf(instructions, options);
  const needed = neededStages(stages, options);
  const idle = new Set(stages.flatMap((stage, index) => (needed.has(index) ? [] : stage.instructions)));
  const variables = createBuildVariables(options.buildArgs);
  const needs: FeatureNeed[] = syntaxNeeds(directives);
  const outsideSources: OutsideSource[] = [];
  for (const instruction of instructions) {
    checkSyntax(instruction);
    checkWords(instruction, escapeChar);
    checkCopy(instruction, variables.stage);
    checkMetadata(instruction, variables.stage);
    if (!idle.has(instruction)) {
      const line = instruction.startLine;
      const scope = {
        variables: variables.stage,
        isOwnPlatform: (value: string) => isOwnPlatform(value, variables.global, options),
      };
      const features = new Set(featuresOf(instruction, scope));
      needs.push(...Array.from(features, (feature) => ({ feature, line, text: summaryOf(instruction) })));
      outsideSources.push(
        ...sourcesOutside(instruction, variables.stage).map((outside) => ({ source: outside, line })),
      );
    }
    variables.read(instruction);
  }
  checkStageSources(stages, needed);
  const baseImages = stages.filter((_, index) => needed.has(index)).flatMap(imagesOf);
  return { needs, baseImages, stages: stages.map(({ name }) => name), outsideSources };
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

function imagesOf({ sources }: Stage): readonly BaseImage[] {
  return sources.flatMap(({ instruction, text = "", stage }) => {
    const isImage = stage === undefined && text !== "" && text !== "scratch";
    return isImage && instruction.trigger === undefined ? [{ image: text, line: instruction.startLine }] : [];
  });
}

function summaryOf({ keyword, rawFlags, args }: Instruction): string {
  const text = [keyword, rawFlags, args]
    .filter((part) => part !== "")
    .join(" ")
    .replace(/\s+/g, " ");
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
