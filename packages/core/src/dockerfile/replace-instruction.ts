import type { Instruction } from "./instruction.ts";

/** Puts one line in the place of an instruction, and empty ones after it: the lines that follow keep their numbers. */
export function replaceInstruction(
  rows: string[],
  { startLine, endLine }: Pick<Instruction, "startLine" | "endLine">,
  line: string,
): void {
  for (let row = startLine - 1; row < endLine; row += 1) {
    const lineEnd = rows[row]?.endsWith("\r") === true ? "\r" : "";
    rows[row] = (row === startLine - 1 ? line : "") + lineEnd;
  }
}
