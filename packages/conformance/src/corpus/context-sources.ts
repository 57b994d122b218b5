import { posix } from "node:path";
import { type Instruction, parseDockerfile } from "@slipway/core";
import type { CorpusCase } from "./corpus-case.ts";
import { corpusDefect } from "./corpus-defect.ts";

/**
 * Throws INVALID_CONFIG when the parts of a case do not fit: a file of the context in the place of the Dockerfile, or a
 * source of COPY or ADD that nothing makes, in a case that is expected to build. `files`: the paths of its folder `context`.
 */
export function assertContext(one: CorpusCase, dockerfile: string, files: readonly string[]): void {
  const file = `${one.group}/${one.id}/Dockerfile`;
  if (files.includes(one.build.dockerfile)) {
    throw corpusDefect(
      `${one.group}/${one.id}/context/${one.build.dockerfile}`,
      "is in the place of the Dockerfile",
      "Remove it: the file beside case.yaml is put there",
    );
  }
  if ("fails" in one.expect) return;
  const made = one.recipe.map(({ path }) => path).filter((path) => path !== undefined);
  const there = [...files, ...made, one.build.dockerfile];
  const links = one.recipe.filter(({ type }) => type === "symlink").map(({ path }) => `${path}/`);
  for (const instruction of parseDockerfile(dockerfile).instructions) {
    for (const source of plainSources(instruction)) {
      const path = normal(source);
      if (path === "" || there.some((other) => other === path || other.startsWith(`${path}/`))) continue;
      if (links.some((link) => path.startsWith(link))) continue;
      throw corpusDefect(
        file,
        `line ${instruction.startLine} takes ${source}, which is not in the context`,
        `Put it into the folder context, or into \`recipe\` of case.yaml`,
      );
    }
  }
}

/** What COPY and ADD name from the context, without what only a builder can tell: patterns, variables, downloads. */
function plainSources(instruction: Instruction): readonly string[] {
  const { keyword, flags, heredocs, json, args } = instruction;
  if (keyword !== "COPY" && keyword !== "ADD") return [];
  if (heredocs.length > 0 || flags.some(({ name }) => name === "from")) return [];
  const words = json ?? args.split(/\s+/);
  return words.slice(0, -1).filter((word) => !/[*?[$"'\\`]|:\/\/|^git@/.test(word));
}

/** A leading `..` leads nowhere: the context is the root of its paths. */
function normal(path: string): string {
  return posix.join("/", path).replace(/^\/|\/$/g, "");
}
