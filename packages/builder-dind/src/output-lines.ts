import type { ContainerFailure } from "@slipway/kube";

/** What BuildKit itself said, as far as it can be told from what RUN printed: for messages only, never for a verdict that matters. */
export interface BuildkitOutput {
  /** What follows the last `ERROR:`; without one the last line, or the first where nothing was begun. */
  readonly failure: string;
  /** The instruction that BuildKit points at, on one line, and where it is. */
  readonly instruction: string | undefined;
  readonly line: number | undefined;
}

const ERROR = /^ERROR: (?:failed to build: )?(?:failed to solve: )?(.*)$/;
const SOURCE = /^Dockerfile:(\d+)$/;
const POINTED_AT = /^ *\d+ \| >>> (.*)$/;
const STEP = /^#\d+ /;

/** BuildKit ends with the failed step's last lines between two rules, the Dockerfile's lines, and the error. */
export function readOutput({ lines }: ContainerFailure): BuildkitOutput {
  const printed = lines.filter((line) => line.trim() !== "");
  // A client that refuses its arguments says so first, and then how it wants to be called.
  const begun = printed.some((line) => STEP.test(line));
  const failure = lastMatch(lines, ERROR)?.[1] ?? printed.at(begun ? -1 : 0) ?? "";
  const pointed = lines.slice(lines.findLastIndex((line) => SOURCE.test(line))).flatMap(pointedAt);
  const line = lastMatch(lines, SOURCE)?.[1];
  return {
    failure: failure.trim(),
    instruction: line === undefined || pointed.length === 0 ? undefined : joined(pointed),
    line: line === undefined ? undefined : Number(line),
  };
}

/** Lines with which BuildKit ends: however much a step prints, they come after it. */
export function isBuildkitLine(line: string): boolean {
  return ERROR.test(line) || SOURCE.test(line) || POINTED_AT.test(line);
}

function pointedAt(line: string): readonly string[] {
  const text = POINTED_AT.exec(line)?.[1];
  return text === undefined ? [] : [text.trim()];
}

/** Continuation lines as one. */
function joined(rows: readonly string[]): string {
  return rows
    .map((row, index) => (index < rows.length - 1 ? row.replace(/[\\`]$/, "").trim() : row))
    .join(" ");
}

function lastMatch(lines: readonly string[], pattern: RegExp): RegExpExecArray | undefined {
  const line = lines.findLast((candidate) => pattern.test(candidate));
  return line === undefined ? undefined : (pattern.exec(line) ?? undefined);
}
