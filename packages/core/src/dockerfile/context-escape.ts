import { flagValues, type Instruction } from "./instruction.ts";
import { isGitSource, sourcesOf } from "./instruction-features.ts";
import { parseMountOptions } from "./mount-options.ts";
import { type Lookup, substitute } from "./substitute.ts";

/** The sources, as written, whose path climbs above the context at any point. */
export function sourcesOutside(instruction: Instruction, variables: Lookup): readonly string[] {
  return contextSources(instruction.trigger ?? instruction).filter((source) =>
    leavesContext(substitute(source, variables) ?? source),
  );
}

function contextSources(instruction: Instruction): readonly string[] {
  if (instruction.keyword === "RUN") return mountSources(instruction);
  if (instruction.keyword !== "COPY" && instruction.keyword !== "ADD") return [];
  // What is copied from a stage or an image has nothing to do with the context.
  if (flagValues(instruction, "from").length > 0) return [];
  return sourcesOf(instruction).filter((source) => !/^https?:\/\//.test(source) && !isGitSource(source));
}

function mountSources(instruction: Instruction): readonly string[] {
  return flagValues(instruction, "mount")
    .map(parseMountOptions)
    .filter(({ type, options }) => type === "bind" && !options.has("from"))
    .flatMap(({ options }) => [options.get("source"), options.get("src")])
    .filter((source) => source !== undefined);
}

/** True when the path goes above its root at any point, also when it comes back. */
function leavesContext(path: string): boolean {
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
