/**
 * The argument list that the runner meant.
 *
 * The runner writes every argument in double quotes with `"` as `\"`, joins them by spaces, and then splits that string at spaces, dropping
 * what is empty. Put together again it is read as .NET reads a command line, which is what a runner without hooks does: only `"` quotes, a
 * backslash means something only before `"`, single quotes are literal, nothing is expanded.
 *
 * What the split lost stays lost: several spaces in a row have become one, and leading or trailing spaces of an argument are gone.
 */
export function stepArguments(pieces: readonly string[]): string[] {
  return splitCommandLine(pieces.join(" "));
}

/** Splits a string by the rules of .NET's `ProcessStartInfo.Arguments`. A quote that is never closed ends with the string. */
function splitCommandLine(line: string): string[] {
  const found: string[] = [];
  let at = 0;
  while (at < line.length) {
    if (isSeparator(line[at])) {
      at += 1;
      continue;
    }
    const { argument, end } = nextArgument(line, at);
    found.push(argument);
    at = end;
  }
  return found;
}

function nextArgument(line: string, start: number): { argument: string; end: number } {
  let argument = "";
  let quoted = false;
  let at = start;
  while (at < line.length && (quoted || !isSeparator(line[at]))) {
    const slashes = countBackslashes(line, at);
    const beforeQuote = line[at + slashes] === '"';
    if (slashes > 0) {
      argument += "\\".repeat(beforeQuote ? Math.floor(slashes / 2) : slashes);
      const literalQuote = beforeQuote && slashes % 2 === 1;
      if (literalQuote) argument += '"';
      at += slashes + (literalQuote ? 1 : 0);
    } else if (beforeQuote) {
      const doubled = quoted && line[at + 1] === '"';
      if (doubled) argument += '"';
      else quoted = !quoted;
      at += doubled ? 2 : 1;
    } else {
      argument += line[at];
      at += 1;
    }
  }
  return { argument, end: at };
}

function countBackslashes(line: string, from: number): number {
  let end = from;
  while (line[end] === "\\") end += 1;
  return end - from;
}

function isSeparator(character: string | undefined): boolean {
  return character === " " || character === "\t";
}
