import type { Feature } from "../features.ts";
import { type BuildVariables, createBuildVariables } from "./build-variables.ts";
import { checkSyntax } from "./check-syntax.ts";
import { checkSourcesStayInside } from "./context-escape.ts";
import { dockerfileDefect } from "./dockerfile-defect.ts";
import { flagValues, type Instruction, parseDockerfile, wordsOf } from "./instruction.ts";
import { featuresOf } from "./instruction-features.ts";
import type { ParserDirective } from "./logical-lines.ts";
import { parseMountOptions } from "./mount-options.ts";
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
}

export interface InspectOptions {
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
  /** The `os/architecture[/variant]` that the image is for, when the request or the operator says so. */
  readonly platform?: string | undefined;
}

/**
 * Tells what a Dockerfile needs before anything is started for it. Throws INVALID_REQUEST with line and cure for what
 * Docker refuses as well: unknown instructions and flags, wrong arguments, sources outside the context.
 */
export function inspectDockerfile(source: string, options: InspectOptions = {}): DockerfileInspection {
  const { directives, instructions } = parseDockerfile(source);
  checkStages(instructions);
  const variables = createBuildVariables(options.buildArgs);
  const needs: FeatureNeed[] = syntaxNeeds(directives);
  const stages: (string | undefined)[] = [];
  const baseImages: BaseImage[] = [];
  for (const instruction of instructions) {
    checkSyntax(instruction);
    checkSourcesStayInside(instruction, variables.stage);
    const isOwnPlatform = (value: string): boolean => samePlatform(value, variables, options);
    for (const feature of new Set(featuresOf(instruction, { variables: variables.stage, isOwnPlatform }))) {
      needs.push({ feature, line: instruction.startLine, text: summaryOf(instruction) });
    }
    baseImages.push(...imagesOf(instruction, variables, stages));
    if (instruction.keyword === "FROM") stages.push(wordsOf(instruction)[2]?.toLowerCase());
    variables.read(instruction);
  }
  return { needs, baseImages, stages };
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

function samePlatform(value: string, { global }: BuildVariables, { platform }: InspectOptions): boolean {
  const automatic = /^\$(?:\{(TARGETPLATFORM|BUILDPLATFORM)\}|(TARGETPLATFORM|BUILDPLATFORM))$/.exec(value);
  const redefined = automatic !== null && typeof global(automatic[1] ?? automatic[2] ?? "") === "string";
  // Without a requested platform both are the platform of the node, which every builder builds for.
  if (automatic !== null && !redefined && (platform === undefined || value.includes("TARGET"))) return true;
  return platform !== undefined && substitute(value, global) === platform;
}

function imagesOf(
  instruction: Instruction,
  variables: BuildVariables,
  stages: readonly (string | undefined)[],
): readonly BaseImage[] {
  const { keyword, startLine: line } = instruction;
  const images =
    keyword === "FROM" ? [fromImage(instruction, variables)] : otherImages(instruction, variables);
  return (
    images
      .filter((image) => image !== undefined && image !== "scratch" && !stages.includes(image.toLowerCase()))
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
