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
  let value = "";
  for (let at = 0; at < word.length; ) {
    const piece = pieceAt(word, at);
    const text = textOf(piece, lookup);
    if (text === undefined) return undefined;
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

function textOf(piece: string, lookup: Lookup): string | undefined {
  if (piece.startsWith("'") || piece.startsWith("\\")) return unquoted(piece);
  if (piece.length > 1 && piece.startsWith('"')) return insideDoubleQuotes(piece.slice(1, -1), lookup);
  if (piece.length === 1 || !piece.startsWith("$")) return piece;
  const match = /^\$\{?([a-zA-Z_][a-zA-Z0-9_]*)(?:(:?)([-+])([\s\S]*))?\}?$/.exec(piece);
  // ${name#pattern} and its kin are left to the builder.
  if (match === null) return undefined;
  const [, name = "", colon, operator, rest = ""] = match;
  return withDefault(lookup(name), colon === ":", operator, rest.replace(/\}$/, ""), lookup);
}

function insideDoubleQuotes(text: string, lookup: Lookup): string | undefined {
  // Single quotes mean nothing here: escape them for the scanner of words.
  return substitute(text.replace(/\\(?!["$\\])/g, "\\\\").replaceAll("'", "\\'"), lookup);
}

function withDefault(
  value: string | undefined | typeof UNKNOWN,
  emptyIsUnset: boolean,
  operator: string | undefined,
  word: string,
  lookup: Lookup,
): string | undefined {
  if (value === UNKNOWN) return undefined;
  const set = value !== undefined && !(emptyIsUnset && value === "");
  if (operator === "-" && !set) return substitute(word, lookup);
  if (operator === "+") return set ? substitute(word, lookup) : "";
  return value ?? "";
}
