import { type BuildRequest, type Instruction, parseDockerfile, wordsOf } from "@slipway/core";
import { appendToStage } from "./stage-end.ts";

/**
 * Adds the labels of the request at the end of the stage that is built: Kaniko sets them first, so that a LABEL of the Dockerfile
 * would win over them, and with Docker it does not. A value of several lines has no form in a Dockerfile, and stays Kaniko's matter.
 */
export function appendLabels(
  dockerfile: string,
  { labels = {}, target }: Pick<BuildRequest, "labels" | "target">,
): string {
  const { directives, instructions } = parseDockerfile(dockerfile);
  const words = Object.entries(labels)
    .filter((label) => label.every((part) => !/[\r\n]/.test(part)))
    .map(([name, value]) => `${quoted(name)}=${quoted(value)}`);
  const setsLabels = instructions.some(({ keyword, trigger }) => (trigger?.keyword ?? keyword) === "LABEL");
  // Another escape character would have other quotes.
  const escapes = directives.some(({ name, value }) => name === "escape" && value !== "\\");
  if (words.length === 0 || !setsLabels || escapes) return dockerfile;
  const line = `LABEL ${words.join(" ")}`;
  return appendToStage(dockerfile, stageOf(instructions, target), line) ?? dockerfile;
}

function quoted(text: string): string {
  return `"${text.replace(/["$\\]/g, "\\$&")}"`;
}

function stageOf(instructions: readonly Instruction[], target: string | undefined): number {
  const stages = instructions.filter(({ keyword }) => keyword === "FROM");
  if (target === undefined) return stages.length - 1;
  const named = stages.findIndex((from) => wordsOf(from)[2]?.toLowerCase() === target.toLowerCase());
  return named < 0 ? Number(target) : named;
}
