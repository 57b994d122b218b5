/** A flag such as `--mount=type=tmpfs,target=/x`, quotes and escapes taken off as BuildKit's parser does. */
export interface BuilderFlag {
  readonly name: string;
  /** Undefined when there is no `=`. */
  readonly value: string | undefined;
}

export interface FlagSplit {
  readonly flags: readonly BuilderFlag[];
  /** The flags as written. */
  readonly rawFlags: string;
  /** What follows the flags. */
  readonly rest: string;
}

/**
 * Splits the flags off the arguments of an instruction: words at the beginning that start with `--`. `escapeChar` is
 * that of the Dockerfile.
 */
export function splitFlags(args: string, escapeChar: string): FlagSplit {
  const flags: BuilderFlag[] = [];
  let at = skipBlanks(args, 0);
  while (args.startsWith("--", at)) {
    const { word, end } = readWord(args, at, escapeChar);
    at = skipBlanks(args, end);
    // A lone `--` ends the flags and belongs to nobody.
    if (word === "--") break;
    flags.push(flagOf(word));
  }
  return { flags, rawFlags: args.slice(0, at).trim(), rest: args.slice(at).trim() };
}

function flagOf(word: string): BuilderFlag {
  const equals = word.indexOf("=");
  if (equals < 0) return { name: word.slice(2), value: undefined };
  return { name: word.slice(2, equals), value: word.slice(equals + 1) };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text.charAt(at))) at += 1;
  return at;
}

function readWord(text: string, from: number, escapeChar: string): { word: string; end: number } {
  let word = "";
  let quote = "";
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quote === "" && /\s/.test(char)) return { word, end: at };
    if (char === quote) quote = "";
    else if (quote === "" && (char === '"' || char === "'")) quote = char;
    // An escape character at the very end is dropped.
    else if (char === escapeChar) word += text.charAt(++at);
    else word += char;
  }
  return { word, end: text.length };
}
