/** One line of a .dockerignore, ready to be compared with paths (Dockerfile reference, ".dockerignore file"). */
export interface IgnorePattern {
  /** `!`: takes back what earlier lines ignored. */
  readonly exception: boolean;
  /** The cleaned pattern, without `!`. */
  readonly pattern: string;
  /** Whether the pattern matches this path itself; what is below a match is the caller's business. */
  readonly matches: (path: string) => boolean;
}

/** Compiles a cleaned pattern by the rules of Docker's matcher: Go's `filepath.Match` plus `**`. Throws SyntaxError. */
export function compilePattern(pattern: string, exception: boolean): IgnorePattern {
  // Docker compares what follows a leading ** as a plain suffix: `**foo` ignores "xfoo" too.
  const suffix = /^\*\*([^*?[\]\\]+)$/.exec(pattern)?.[1];
  if (suffix !== undefined) {
    const whole = suffix.startsWith("/") ? suffix.slice(1) : suffix;
    return { exception, pattern, matches: (path) => path.endsWith(suffix) || path === whole };
  }
  const expression = new RegExp(`^${expressionOf(pattern)}$`, "su");
  return { exception, pattern, matches: (path) => expression.test(path) };
}

function expressionOf(pattern: string): string {
  let expression = "";
  for (let at = 0; at < pattern.length; ) {
    const [piece, length] = pieceAt(pattern, at);
    expression += piece;
    at += length;
  }
  return expression;
}

/** The regular expression for what begins at `at`, and how many characters of the pattern it stands for. */
function pieceAt(pattern: string, at: number): readonly [piece: string, length: number] {
  const rest = pattern.slice(at);
  if (rest === "**" || rest === "**/") return [".*", rest.length];
  if (rest.startsWith("**/")) return ["(?:.*/)?", 3];
  if (rest.startsWith("**")) return ["(?:.*/)?", 2];
  if (rest.startsWith("*")) return ["[^/]*", 1];
  if (rest.startsWith("?")) return ["[^/]", 1];
  if (rest.startsWith("[")) return classAt(rest);
  if (rest.startsWith("\\")) {
    const escaped = String.fromCodePoint(rest.codePointAt(1) ?? badPattern("it ends in a backslash"));
    return [literal(escaped), 1 + escaped.length];
  }
  const char = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  return [literal(char), char.length];
}

/** A character class: `[a-z]`, `[^a]`, with `\` before a character that would mean something. */
function classAt(rest: string): readonly [piece: string, length: number] {
  const match = /^\[(\^?)((?:\\.|[^\]\\])+)\]/su.exec(rest);
  if (match === null) return badPattern("a [ has no ]");
  const [whole, negation = "", members = ""] = match;
  const ranges = members.match(/(?:\\.|[^\\])(?:-(?:\\.|[^\\]))?/gsu) ?? [];
  return [`[${negation}${ranges.map(rangeOf).join("")}]`, whole.length];
}

function rangeOf(range: string): string {
  const match = /^(\\?.)(?:-(\\?.))?$/su.exec(range);
  const [, from = "", to] = match ?? [];
  if (from === "-") return badPattern("a range begins with -");
  const low = plain(from);
  if (to === undefined) return literal(low);
  const high = plain(to);
  // Go takes a range that runs backwards for an empty one.
  return low > high ? "" : `${literal(low)}-${literal(high)}`;
}

function plain(char: string): string {
  return char.length > 1 && char.startsWith("\\") ? char.slice(1) : char;
}

function literal(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}

function badPattern(why: string): never {
  throw new SyntaxError(why);
}
