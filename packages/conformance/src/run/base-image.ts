import { inspectDockerfile, parseDockerfile } from "@slipway/core";
import type { CaseBuild } from "../corpus/corpus-case.ts";

/** The image below the stage that is built, through the stages that lead to it; undefined for `scratch`. */
export function baseImageOf(dockerfile: string, { target, buildArgs }: CaseBuild): string | undefined {
  const { baseImages, stages } = inspectDockerfile(dockerfile, { buildArgs: named(buildArgs), target });
  const froms = parseDockerfile(dockerfile).instructions.filter(({ keyword }) => keyword === "FROM");
  let at = target === undefined ? froms.length - 1 : indexOf(target, stages);
  for (;;) {
    const from = froms[at];
    if (from === undefined) return undefined;
    const image = baseImages.find(({ line }) => line === from.startLine);
    if (image !== undefined) return image.image;
    // What is no image is an earlier stage, or scratch.
    at = stages.slice(0, at).lastIndexOf(from.args.trim().split(/\s+/, 1)[0]?.toLowerCase());
  }
}

/** Without those that have a `{{name}}` in them: what they are in a run is not known here, and no image is named by them. */
function named(buildArgs: CaseBuild["buildArgs"]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(buildArgs ?? {}).filter(([, value]) => !value.includes("{{")));
}

function indexOf(target: string, stages: readonly (string | undefined)[]): number {
  const named = stages.lastIndexOf(target.toLowerCase());
  return named >= 0 ? named : Number(target);
}
