import { type BuildRequest, type Instruction, parseDockerfile, wordsOf } from "@slipway/core";

/**
 * Adds the labels of the request at the end of the stage that is built: Kaniko sets them first, so that a LABEL of the Dockerfile would
 * win over them, and with Docker it does not. A value of several lines has no form in a Dockerfile, and stays a matter of Kaniko's.
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
  const rows = dockerfile.split("\n");
  rows.splice(endOfStage(instructions, target) ?? rows.length, 0, `LABEL ${words.join(" ")}`);
  const longer = rows.join("\n");
  // A last line that is continued would take the new one for a part of it.
  return parseDockerfile(longer).instructions.length > instructions.length ? longer : dockerfile;
}

function quoted(text: string): string {
  return `"${text.replace(/["$\\]/g, "\\$&")}"`;
}

/** The index of the line with the FROM after the target; undefined when the target is the last stage. */
function endOfStage(instructions: readonly Instruction[], target: string | undefined): number | undefined {
  if (target === undefined) return undefined;
  const stages = instructions.filter(({ keyword }) => keyword === "FROM");
  const named = stages.findIndex((from) => wordsOf(from)[2]?.toLowerCase() === target.toLowerCase());
  const next = stages[(named < 0 ? Number(target) : named) + 1];
  return next === undefined ? undefined : next.startLine - 1;
}
