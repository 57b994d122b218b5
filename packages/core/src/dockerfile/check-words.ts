import { dockerfileDefect } from "./dockerfile-defect.ts";
import type { Instruction } from "./instruction.ts";
import { shellWords } from "./shell-words.ts";

/** Instructions in which the builder itself replaces variables (Dockerfile reference, "Environment replacement"). */
const REPLACING = [
  "ADD",
  "ARG",
  "COPY",
  "ENV",
  "EXPOSE",
  "FROM",
  "LABEL",
  "STOPSIGNAL",
  "USER",
  "VOLUME",
  "WORKDIR",
];

/** With more of them the reader of words may have given up at their depth. */
const MAX_BRACES = 100;

/**
 * Throws INVALID_REQUEST for quotes and braces that never end, and for `${…}` of a form that there is not: Docker refuses
 * them before it builds. Words whose escape character is not the backslash are left to the builder.
 */
export function checkWords({ keyword, args, json, startLine }: Instruction, escapeChar: string): void {
  if (escapeChar !== "\\" || json !== undefined || !REPLACING.includes(keyword)) return;
  if (shellWords(args) !== undefined || args.split("${").length > MAX_BRACES) return;
  throw dockerfileDefect(
    startLine,
    `${keyword} ${args.length > 100 ? `${args.slice(0, 99)}…` : args} cannot be read: a quote or \${…} never ends, or its form is unknown`,
    "Close quotes and braces, or write \\ before a character that means itself",
  );
}
