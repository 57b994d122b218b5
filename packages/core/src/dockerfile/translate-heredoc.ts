import type { Feature } from "../features.ts";
import { contentOf, heredocOf } from "./heredoc.ts";
import { type Instruction, parseDockerfile, wordsOf } from "./instruction.ts";
import { replaceInstruction } from "./replace-instruction.ts";

export interface TranslatedDockerfile {
  /** As many lines as the original, so that line numbers in later errors stay right. */
  readonly text: string;
  /** The features of `missing` that the text does not need any more. */
  readonly translated: readonly Feature[];
}

export interface TranslateOptions {
  /** The SHELL of a base image by its config, for the rare image that sets one; `/bin/sh -c` when left out. */
  readonly shellOf?: (image: string) => readonly string[] | undefined;
}

const DEFAULT_SHELL: readonly string[] = ["/bin/sh", "-c"];
const MAX_LINE_BYTES = 65_535;

/**
 * Rewrites what a builder lacks into something it has, where that means exactly the same: today `RUN <<EOF` into the
 * exec form `RUN ["/bin/sh", "-c", BODY]`, which is what Docker makes of it (Dockerfile reference, "Here-Documents").
 * A body with a `#!` line of its own, and here-documents in COPY, ADD and ONBUILD, are left as they are.
 */
export function translateDockerfile(
  source: string,
  missing: readonly Feature[],
  options: TranslateOptions = {},
): TranslatedDockerfile {
  if (!missing.includes("run-heredoc")) return { text: source, translated: [] };
  const { instructions } = parseDockerfile(source);
  const rows = source.split("\n");
  const shells = shellsOf(instructions, options);
  let complete = true;
  let found = false;
  for (const instruction of instructions) {
    if ((instruction.trigger ?? instruction).keyword !== "RUN" || instruction.heredocs.length === 0) continue;
    found = true;
    const line = execForm(instruction, shells.get(instruction) ?? DEFAULT_SHELL);
    if (line === undefined) complete = false;
    else replaceInstruction(rows, instruction, line);
  }
  return { text: rows.join("\n"), translated: complete && found ? ["run-heredoc"] : [] };
}

/** The instruction as one line; undefined when it has no exact translation. */
function execForm(instruction: Instruction, shell: readonly string[]): string | undefined {
  const { keyword, rawKeyword, rawFlags, args, heredocs } = instruction;
  const body = keyword === "RUN" ? scriptOf(args, heredocs) : undefined;
  if (body === undefined) return undefined;
  const line = [rawKeyword, rawFlags, JSON.stringify([...shell, body])]
    .filter((part) => part !== "")
    .join(" ");
  return Buffer.byteLength(line) > MAX_LINE_BYTES ? undefined : line;
}

/** What Docker hands to the shell: the body when the here-document stands alone, else the command with its bodies. */
function scriptOf(args: string, heredocs: Instruction["heredocs"]): string | undefined {
  const [first] = heredocs;
  if (first === undefined) return undefined;
  if (heredocOf(args) === undefined) {
    return heredocs.reduce((script, { name, content }) => `${script}\n${content}${name}`, args);
  }
  return first.content.startsWith("#!") ? undefined : contentOf(first);
}

/** The shell in force at each RUN: the last SHELL of its stage, or of the stage or image that the stage is made from. */
function shellsOf(
  instructions: readonly Instruction[],
  { shellOf = () => undefined }: TranslateOptions,
): ReadonlyMap<Instruction, readonly string[]> {
  const shells = new Map<Instruction, readonly string[]>();
  const stages = new Map<string, readonly string[]>();
  let stage = "";
  let shell = DEFAULT_SHELL;
  for (const instruction of instructions) {
    const { keyword, json } = instruction;
    if (keyword === "FROM") {
      const [base = "", , name = ""] = wordsOf(instruction);
      shell = stages.get(base.toLowerCase()) ?? shellOf(base) ?? DEFAULT_SHELL;
      stage = name.toLowerCase();
    }
    if (keyword === "SHELL" && json !== undefined) shell = json;
    if (keyword === "RUN") shells.set(instruction, shell);
    if (stage !== "") stages.set(stage, shell);
  }
  return shells;
}
