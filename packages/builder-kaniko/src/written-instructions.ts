import { type Instruction, parseDockerfile } from "@slipway/core";

/** An instruction as its author knows it. */
export interface WrittenInstruction {
  /** Of the Dockerfile, counted from 1. */
  readonly line: number;
  readonly text: string;
}

export type FindWritten = (printed: string) => WrittenInstruction | undefined;

/**
 * Finds what the author wrote for an instruction that Kaniko printed, which may be a rewritten one. Both texts have the same lines.
 * Undefined where it cannot be told, as with the same instruction twice.
 */
export function writtenInstructions(original: string, rewritten: string): FindWritten {
  const written = new Map(
    parseDockerfile(original).instructions.map((instruction) => [instruction.startLine, textOf(instruction)]),
  );
  const lines = new Map<string, number | undefined>();
  for (const instruction of parseDockerfile(rewritten).instructions) {
    const text = onOneLine(textOf(instruction));
    lines.set(text, lines.has(text) ? undefined : instruction.startLine);
  }
  return (printed) => {
    const line = lines.get(onOneLine(printed));
    const text = line === undefined ? undefined : written.get(line);
    return line === undefined || text === undefined ? undefined : { line, text };
  };
}

function textOf({ rawKeyword, rawFlags, args }: Instruction): string {
  return [rawKeyword, rawFlags, args].filter((part) => part !== "").join(" ");
}

function onOneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
