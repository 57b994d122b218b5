import { dockerfileDefect } from "./dockerfile-defect.ts";
import { flagValues, type Instruction } from "./instruction.ts";
import { isGitSource, sourcesOf } from "./instruction-features.ts";
import { parseMountOptions } from "./mount-options.ts";
import { type Lookup, substitute } from "./substitute.ts";

/** Throws INVALID_REQUEST for a source that leads out of the context: Docker refuses it, some builders read the file. */
export function checkSourcesStayInside(instruction: Instruction, variables: Lookup): void {
  const inner = instruction.trigger ?? instruction;
  for (const source of contextSources(inner)) {
    const path = substitute(source, variables) ?? source;
    if (!leavesContext(path)) continue;
    throw dockerfileDefect(
      instruction.startLine,
      `${inner.keyword} ${source}: forbidden path outside the build context`,
      "Move the file into the folder of the Dockerfile, and write its path from there",
    );
  }
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
