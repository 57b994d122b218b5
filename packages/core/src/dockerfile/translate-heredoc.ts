import type { Feature } from "../features.ts";
import { contentOf, heredocOf } from "./heredoc.ts";
import { type Instruction, parseDockerfile, wordsOf } from "./instruction.ts";
import { interpreterCommand } from "./interpreter-command.ts";
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
 * exec form `RUN ["/bin/sh", "-c", BODY]`, which is what Docker makes of it (Dockerfile reference, "Here-Documents"), also
 * inside of ONBUILD. Here-documents in COPY and ADD are left as they are.
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
  const { trigger, rawKeyword } = instruction;
  if (trigger !== undefined) {
    const line = execForm(trigger, shell);
    return line === undefined ? undefined : `${rawKeyword} ${line}`;
  }
  const command = commandOf(instruction, shell);
  if (command === undefined) return undefined;
  const line = [rawKeyword, instruction.rawFlags, JSON.stringify(command)]
    .filter((part) => part !== "")
    .join(" ");
  return Buffer.byteLength(line) > MAX_LINE_BYTES ? undefined : line;
}

/** What Docker runs: the body when the here-document stands alone, by its own `#!` line if it has one; else the command with its bodies. */
function commandOf({ args, heredocs }: Instruction, shell: readonly string[]): readonly string[] | undefined {
  const [first] = heredocs;
  if (first === undefined) return undefined;
  if (heredocOf(args) === undefined) {
    return [...shell, heredocs.reduce((script, { name, content }) => `${script}\n${content}${name}`, args)];
  }
  if (first.content.startsWith("#!")) return interpreterCommand(first.name, contentOf(first));
  return [...shell, contentOf(first)];
}

/**
 * The shell in force at each RUN: the last SHELL of its stage, or of the stage or image that the stage is made from. A trigger
 * is run by another stage, with the SHELL that its own stage ends with.
 */
function shellsOf(
  instructions: readonly Instruction[],
  { shellOf = () => undefined }: TranslateOptions,
): ReadonlyMap<Instruction, readonly string[]> {
  const shells = new Map<Instruction, readonly string[]>();
  const stages = new Map<string, readonly string[]>();
  let triggers: Instruction[] = [];
  let stage = "";
  let shell = DEFAULT_SHELL;
  for (const instruction of instructions) {
    const { keyword, json } = instruction;
    if (keyword === "FROM") {
      const [base = "", , name = ""] = wordsOf(instruction);
      shell = stages.get(base.toLowerCase()) ?? shellOf(base) ?? DEFAULT_SHELL;
      stage = name.toLowerCase();
      triggers = [];
    }
    if (keyword === "SHELL" && json !== undefined) shell = json;
    if (keyword === "RUN") shells.set(instruction, shell);
    if (keyword === "ONBUILD") triggers.push(instruction);
    for (const trigger of triggers) shells.set(trigger, shell);
    if (stage !== "") stages.set(stage, shell);
  }
  return shells;
}
