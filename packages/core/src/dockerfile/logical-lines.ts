import { dockerfileDefect } from "./dockerfile-defect.ts";
import { endsHeredoc, type Heredoc, type HeredocStart } from "./heredoc.ts";

/** One instruction as text: continuation lines joined, comments dropped. Lines are counted from 1. */
export interface LogicalLine {
  readonly text: string;
  readonly startLine: number;
  /** The last line, here-documents included. */
  readonly endLine: number;
  readonly heredocs: readonly Heredoc[];
}

export interface ParserDirective {
  readonly name: "syntax" | "escape" | "check";
  readonly value: string;
  readonly line: number;
}

export interface LogicalLines {
  readonly directives: readonly ParserDirective[];
  /** A backslash, or what the directive says. */
  readonly escapeChar: string;
  readonly lines: readonly LogicalLine[];
}

const MAX_LINE_BYTES = 65_535;

/**
 * Splits a Dockerfile into instructions by the rules of BuildKit's parser, and no others: an instruction that we took
 * for part of another one would escape every check. `heredocsOf` says which here-documents an instruction begins.
 */
export function splitLogicalLines(
  source: string,
  heredocsOf: (instruction: string, escapeChar: string) => readonly HeredocStart[],
): LogicalLines {
  const rows = source.replace(/^\uFEFF/, "").match(/[^\n]*\n|[^\n]+$/g) ?? [];
  assertLineLengths(rows);
  const directives = readDirectives(rows);
  const escapeChar = directives.find(({ name }) => name === "escape")?.value ?? "\\";
  const lines: LogicalLine[] = [];
  for (let next = 0; next < rows.length; ) {
    const startLine = next + 1;
    const joined = joinContinuations(rows, next, escapeChar);
    next = joined.next;
    if (joined.text.trim() === "") continue;
    const bodies = readHeredocs(rows, next, startLine, heredocsOf(joined.text, escapeChar));
    next = bodies.next;
    lines.push({ text: joined.text, startLine, endLine: next, heredocs: bodies.heredocs });
  }
  return { directives, escapeChar, lines };
}

function joinContinuations(
  rows: readonly string[],
  from: number,
  escapeChar: string,
): { text: string; next: number } {
  // An escape character that is escaped itself does not continue the line.
  const continuation = escapeChar === "`" ? /(?<!`)`[ \t]*$/ : /(?<!\\)\\[ \t]*$/;
  let text = "";
  for (let next = from; next < rows.length; next += 1) {
    const row = withoutLineEnd(rows[next] ?? "");
    const first = next === from;
    if (row.trimStart().startsWith("#") || (!first && row.trim() === "")) {
      if (first) return { text: "", next: next + 1 };
      continue;
    }
    const part = first ? row.trimStart() : row;
    if (!continuation.test(part)) return { text: text + part, next: next + 1 };
    text += part.replace(continuation, "");
  }
  return { text, next: rows.length };
}

function readHeredocs(
  rows: readonly string[],
  from: number,
  startLine: number,
  starts: readonly HeredocStart[],
): { heredocs: readonly Heredoc[]; next: number } {
  let next = from;
  const heredocs = starts.map((start) => {
    const first = next;
    while (next < rows.length && !endsHeredoc(rows[next] ?? "", start)) next += 1;
    if (next >= rows.length) {
      throw dockerfileDefect(
        startLine,
        `the here-document <<${start.name} never ends`,
        `End it with a line that holds ${start.name} and nothing else`,
      );
    }
    next += 1;
    return { ...start, content: rows.slice(first, next - 1).join("") };
  });
  return { heredocs, next };
}

/** Directives are comments of the form `# name=value` before anything else; the first other line ends them. */
function readDirectives(rows: readonly string[]): readonly ParserDirective[] {
  const directives: ParserDirective[] = [];
  for (const [index, row] of rows.entries()) {
    // A shebang on the first line hides the other directives, not the syntax.
    const shebang = rows[0]?.startsWith("#!") === true;
    if (shebang && index === 0) continue;
    const match = /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/.exec(row);
    const name = match?.[1]?.toLowerCase();
    if (name !== "syntax" && (shebang || (name !== "escape" && name !== "check"))) break;
    const line = index + 1;
    const value = match?.[2] ?? "";
    if (directives.some((other) => other.name === name)) {
      throw dockerfileDefect(line, `the directive ${name} is there twice`, "Remove one of them");
    }
    if (name === "escape" && value !== "\\" && value !== "`") {
      throw dockerfileDefect(
        line,
        `"${value}" cannot be the escape character`,
        "Use # escape=\\ or # escape=`",
      );
    }
    directives.push({ name, value, line });
  }
  return directives;
}

function assertLineLengths(rows: readonly string[]): void {
  const long = rows.findIndex(
    (row) => row.length * 3 > MAX_LINE_BYTES && Buffer.byteLength(row) > MAX_LINE_BYTES,
  );
  if (long < 0) return;
  throw dockerfileDefect(
    long + 1,
    `it is longer than ${MAX_LINE_BYTES} bytes`,
    "Break it up, or move the data into a file",
  );
}

function withoutLineEnd(row: string): string {
  return row.replace(/[\r\n]+$/, "");
}
