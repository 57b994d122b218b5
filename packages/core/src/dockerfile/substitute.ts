import { unquoted } from "./shell-words.ts";

/** The value of a variable: undefined when it is not set, "unknown" as a symbol when only the builder knows it. */
export type Lookup = (name: string) => string | undefined | typeof UNKNOWN;

/** Marks a variable whose value only the builder knows, such as TARGETARCH. */
export const UNKNOWN = Symbol("only the builder knows");

/**
 * Replaces `$name`, `${name}` and `${name:-word}`, `:+`, `-`, `+` in a word, and takes quotes and escapes off
 * (Dockerfile reference, "Environment replacement"). Undefined when the result cannot be told here.
 */
export function substitute(word: string, lookup: Lookup): string | undefined {
  return expand(word, lookup, 0);
}

/** Beyond these, what is written is an attack on whoever reads it, and counts as "cannot be told". */
const MAX_DEPTH = 50;
const MAX_LENGTH = 65_536;

function expand(word: string, lookup: Lookup, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return undefined;
  let value = "";
  for (let at = 0; at < word.length; ) {
    const piece = pieceAt(word, at);
    const text = textOf(piece, lookup, depth + 1);
    if (text === undefined || value.length + text.length > MAX_LENGTH) return undefined;
    value += text;
    at += piece.length;
  }
  return value;
}

/** One escape, quoted text, variable or plain character. */
function pieceAt(word: string, at: number): string {
  const rest = word.slice(at);
  const match = /^(?:\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\$[a-zA-Z_][a-zA-Z0-9_]*)/.exec(rest);
  if (match !== null) return match[0];
  return rest.startsWith("${") ? bracesAt(rest) : rest.charAt(0);
}

function bracesAt(rest: string): string {
  let depth = 0;
  for (let at = 1; at < rest.length; at += 1) {
    if (rest.charAt(at) === "{") depth += 1;
    if (rest.charAt(at) === "}" && --depth === 0) return rest.slice(0, at + 1);
  }
  return rest;
}

function textOf(piece: string, lookup: Lookup, depth: number): string | undefined {
  if (piece.startsWith("'") || piece.startsWith("\\")) return unquoted(piece);
  if (piece.length > 1 && piece.startsWith('"')) return insideDoubleQuotes(piece.slice(1, -1), lookup, depth);
  if (piece.length === 1 || !piece.startsWith("$")) return piece;
  const match = /^\$\{?([a-zA-Z_][a-zA-Z0-9_]*)(?:(:?)([-+])([\s\S]*))?\}?$/.exec(piece);
  // ${name#pattern} and its kin are left to the builder.
  if (match === null) return undefined;
  const [, name = "", colon, operator, rest = ""] = match;
  return withDefault(lookup(name), colon === ":", operator, rest.replace(/\}$/, ""), (text) =>
    expand(text, lookup, depth),
  );
}

function insideDoubleQuotes(text: string, lookup: Lookup, depth: number): string | undefined {
  // Single quotes mean nothing here: escape them for the scanner of words.
  return expand(text.replace(/\\(?!["$\\])/g, "\\\\").replaceAll("'", "\\'"), lookup, depth);
}

function withDefault(
  value: string | undefined | typeof UNKNOWN,
  emptyIsUnset: boolean,
  operator: string | undefined,
  word: string,
  expanded: (text: string) => string | undefined,
): string | undefined {
  if (value === UNKNOWN) return undefined;
  const set = value !== undefined && !(emptyIsUnset && value === "");
  if (operator === "-" && !set) return expanded(word);
  if (operator === "+") return set ? expanded(word) : "";
  return value ?? "";
}
