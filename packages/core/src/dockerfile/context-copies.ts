import { posix } from "node:path";
import { createBuildVariables } from "./build-variables.ts";
import { flagValues, type Instruction, parseDockerfile, wordsOf } from "./instruction.ts";
import { isGitSource, sourcesOf } from "./instruction-features.ts";
import { substitute } from "./substitute.ts";

/** A COPY or ADD that takes files of the context. */
export interface ContextCopy {
  readonly instruction: Instruction;
  /** Paths and patterns in the context, variables replaced; undefined where only the builder can tell. Without downloads. */
  readonly sources: readonly (string | undefined)[];
  /** Absolute, with the slash at its end if it has one; undefined where only the builder can tell, as below a base image's WORKDIR. */
  readonly destination: string | undefined;
}

export interface ContextCopiesOptions {
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
}

/**
 * What a Dockerfile takes from the context, in order: for builders that have to look at the files themselves. Without
 * ONBUILD, which takes from another context, and without here-documents.
 */
export function contextCopies(source: string, options: ContextCopiesOptions = {}): readonly ContextCopy[] {
  const variables = createBuildVariables(options.buildArgs);
  const folders = new Map<string, string | undefined>([["scratch", "/"]]);
  const copies: ContextCopy[] = [];
  let stage = "";
  let workdir: string | undefined;
  for (const instruction of parseDockerfile(source).instructions) {
    const { keyword } = instruction;
    const value = (word: string) => substitute(word, variables.stage);
    if (keyword === "FROM") {
      const [base = "", , name = ""] = wordsOf(instruction);
      workdir = folders.get(base.toLowerCase());
      stage = name.toLowerCase();
    }
    if (keyword === "WORKDIR") workdir = below(workdir, value(instruction.args));
    if (stage !== "") folders.set(stage, workdir);
    if (takesFromContext(instruction)) {
      const sources = localSources(instruction, value);
      const destination = below(workdir, value(wordsOf(instruction).at(-1) ?? ""));
      copies.push({ instruction, sources, destination });
    }
    variables.read(instruction);
  }
  return copies;
}

function takesFromContext(instruction: Instruction): boolean {
  const { keyword } = instruction;
  if (keyword === "ADD") return true;
  return keyword === "COPY" && flagValues(instruction, "from").length === 0;
}

function localSources(
  instruction: Instruction,
  value: (word: string) => string | undefined,
): readonly (string | undefined)[] {
  return sourcesOf(instruction)
    .map((word) => ({ word, source: value(word) }))
    .filter(({ word, source = word }) => !/^https?:\/\//.test(source) && !isGitSource(source))
    .map(({ source }) => source);
}

function below(folder: string | undefined, path: string | undefined): string | undefined {
  if (path === undefined || path === "") return undefined;
  if (!posix.isAbsolute(path) && folder === undefined) return undefined;
  const joined = posix.resolve("/", folder ?? "/", path);
  return /(?:^|\/)\.{0,2}$/.test(path) && joined !== "/" ? `${joined}/` : joined;
}
