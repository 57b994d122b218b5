import { type BuilderFlag, splitFlags } from "./builder-flags.ts";
import { type Heredoc, type HeredocStart, heredocsOf } from "./heredoc.ts";
import { type LogicalLine, type ParserDirective, splitLogicalLines } from "./logical-lines.ts";

/** An instruction as BuildKit's parser sees it (Dockerfile reference, "Format"). */
export interface Instruction {
  /** In upper case. */
  readonly keyword: string;
  /** The keyword as written. */
  readonly rawKeyword: string;
  readonly flags: readonly BuilderFlag[];
  readonly rawFlags: string;
  /** The arguments without flags and without here-document bodies. */
  readonly args: string;
  /** The arguments when they are a JSON array of strings. */
  readonly json: readonly string[] | undefined;
  readonly heredocs: readonly Heredoc[];
  /** The instruction inside ONBUILD. */
  readonly trigger: Instruction | undefined;
  /** Lines count from 1; the end includes here-documents. */
  readonly startLine: number;
  readonly endLine: number;
}

export interface ParsedDockerfile {
  readonly directives: readonly ParserDirective[];
  readonly instructions: readonly Instruction[];
}

/** Parses a Dockerfile into instructions. Throws INVALID_REQUEST with the line for what Docker's parser refuses. */
export function parseDockerfile(source: string): ParsedDockerfile {
  const { directives, escapeChar, lines } = splitLogicalLines(source, heredocsIn);
  return { directives, instructions: lines.map((line) => instructionOf(line, escapeChar)) };
}

/** The words of the arguments: the strings of the JSON form, or what stands between blanks. */
export function wordsOf(instruction: Instruction): readonly string[] {
  return instruction.json ?? instruction.args.split(/\s+/).filter((word) => word !== "");
}

/** The values of a flag, in order; a flag without `=` counts as `missing`. */
export function flagValues(instruction: Instruction, name: string, missing = ""): readonly string[] {
  return instruction.flags.filter((flag) => flag.name === name).map((flag) => flag.value ?? missing);
}

const HEREDOC_KEYWORDS = ["ADD", "COPY", "RUN"];

function heredocsIn(text: string, escapeChar: string): readonly HeredocStart[] {
  if (!text.includes("<<")) return [];
  const outer = instructionOf({ text, startLine: 0, endLine: 0, heredocs: [] }, escapeChar);
  const { keyword, json } = outer.trigger ?? outer;
  return HEREDOC_KEYWORDS.includes(keyword) && json === undefined ? heredocsOf(text) : [];
}

function instructionOf({ text, heredocs, startLine, endLine }: LogicalLine, escapeChar: string): Instruction {
  const trimmed = text.trim();
  const blank = /\s+/.exec(trimmed);
  const rawKeyword = blank === null ? trimmed : trimmed.slice(0, blank.index);
  const keyword = rawKeyword.toUpperCase();
  const { flags, rawFlags, rest } = splitFlags(trimmed.slice(rawKeyword.length), escapeChar);
  const trigger =
    keyword === "ONBUILD" && rest !== ""
      ? instructionOf({ text: rest, heredocs, startLine, endLine }, escapeChar)
      : undefined;
  return {
    keyword,
    rawKeyword,
    flags,
    rawFlags,
    args: rest,
    json: jsonOf(rest),
    heredocs,
    trigger,
    startLine,
    endLine,
  };
}

function jsonOf(args: string): readonly string[] | undefined {
  if (!args.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(args);
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
  } catch {
    // Docker, too, takes what is not JSON for the shell form.
    return undefined;
  }
}
