/**
 * Splits a line into words as BuildKit's lexer does to find here-documents: at blanks outside quotes and `${…}`, with
 * quotes and escapes kept. Undefined for a line it cannot read, such as one with an unbalanced quote: Docker then sees
 * no here-document in it, and neither must we, or instructions after it would hide in a body that is none.
 */
export function shellWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let start = -1;
  for (let at = 0; at < line.length; ) {
    if (/\s/.test(line.charAt(at))) {
      if (start >= 0) words.push(line.slice(start, at));
      start = -1;
      at += 1;
      continue;
    }
    if (start < 0) start = at;
    const end = endOfPiece(line, at);
    if (end === undefined) return undefined;
    at = end;
  }
  if (start >= 0) words.push(line.slice(start));
  return words;
}

/** Takes quotes and escapes off one word, as the same lexer does when it is asked for the value. */
export function unquoted(word: string): string {
  let value = "";
  for (let at = 0; at < word.length; ) {
    const end = endOfPiece(word, at) ?? word.length;
    value += valueOfPiece(word.slice(at, end));
    at = end;
  }
  return value;
}

/** Deeper nesting is an attack on the reader, and unreadable. */
const MAX_DEPTH = 100;

/** Where the character, escape, quoted text or `${…}` that begins at `at` ends; undefined when it never does. */
function endOfPiece(line: string, at: number, depth = 0): number | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const char = line.charAt(at);
  if (char === "\\") return Math.min(at + 2, line.length);
  if (char === "'") return after(line.indexOf("'", at + 1));
  if (char === '"') return endOfDoubleQuotes(line, at + 1, depth + 1);
  // Blanks between << and the name of a here-document do not end the word.
  if (line.startsWith("<<", at)) return at + (/^<<[ \t]*/.exec(line.slice(at))?.[0].length ?? 2);
  if (char === "$" && line.charAt(at + 1) === "{") return endOfBraces(line, at + 2, depth + 1);
  return at + 1;
}

function after(index: number): number | undefined {
  return index < 0 ? undefined : index + 1;
}

function endOfDoubleQuotes(line: string, from: number, depth: number): number | undefined {
  for (let at = from; at < line.length; ) {
    if (line.charAt(at) === '"') return at + 1;
    const inner = line.charAt(at) === "'" ? at + 1 : endOfPiece(line, at, depth);
    if (inner === undefined) return undefined;
    at = inner;
  }
  return undefined;
}

function endOfBraces(line: string, from: number, depth: number): number | undefined {
  // What the lexer does not know after the name makes the whole line unreadable for it.
  if (!/^(?:[a-zA-Z_][a-zA-Z0-9_]*|[0-9]+|[@*#?!$-])(?:\}|:?[-+?]|[#%/])/.test(line.slice(from)))
    return undefined;
  for (let at = from; at < line.length; ) {
    if (line.charAt(at) === "}") return at + 1;
    const inner = endOfPiece(line, at, depth);
    if (inner === undefined) return undefined;
    at = inner;
  }
  return undefined;
}

function valueOfPiece(piece: string): string {
  if (piece.startsWith("'")) return piece.slice(1, -1);
  if (piece.startsWith('"')) return piece.slice(1, -1).replace(/\\(["$\\])/g, "$1");
  if (piece.startsWith("\\")) return piece.slice(1);
  return piece;
}
