/**
 * Splits a text at blanks, as a shell does: single and double quotes keep blanks together, a backslash keeps the next character. Nothing is
 * expanded. A quote that is never closed ends with the text.
 */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [piece] of text.matchAll(PIECES)) {
    if (/^\s/.test(piece)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + unquoted(piece);
  }
  return word === undefined ? words : [...words, word];
}

/** Blanks; a text in quotes; an escaped character; plain text. */
const PIECES = /\s+|"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)|'[^']*(?:'|$)|\\[\s\S]|\\$|[^\s"'\\]+/g;

function unquoted(piece: string): string {
  if (piece.startsWith("'")) return piece.replace(/^'|'$/g, "");
  if (piece.startsWith('"'))
    return piece
      .slice(1)
      .replace(/"$/, "")
      .replace(/\\(["\\$`])/g, "$1");
  return piece.startsWith("\\") ? piece.slice(1) : piece;
}
