/** One line of a .dockerignore, ready to be compared with paths (Dockerfile reference, ".dockerignore file"). */
export interface IgnorePattern {
  /** `!`: takes back what earlier lines ignored. */
  readonly exception: boolean;
  /** The cleaned pattern, without `!`. */
  readonly pattern: string;
  /** Whether the pattern matches this path itself; what is below a match is the caller's business. */
  readonly matches: (path: string) => boolean;
}

/** One step of a pattern. */
type Step =
  /** Exactly one character. */
  | { readonly kind: "one"; readonly takes: (char: string) => boolean }
  /** Any number of characters; without `/` for a single star. */
  | { readonly kind: "many"; readonly slashes: boolean }
  /** `**` before more: nothing, or any number of characters that end with a `/`. */
  | { readonly kind: "folders" };

/** Compiles a cleaned pattern by the rules of Docker's matcher: Go's `filepath.Match` plus `**`. Throws SyntaxError. */
export function compilePattern(pattern: string, exception: boolean): IgnorePattern {
  // Docker compares what follows a leading ** as a plain suffix: `**foo` ignores "xfoo" too.
  const suffix = /^\*\*([^*?[\]\\]+)$/.exec(pattern)?.[1];
  if (suffix !== undefined) {
    const whole = suffix.startsWith("/") ? suffix.slice(1) : suffix;
    return { exception, pattern, matches: (path) => path.endsWith(suffix) || path === whole };
  }
  if (!/[*?[\\]/.test(pattern)) return { exception, pattern, matches: (path) => path === pattern };
  const steps = stepsOf(pattern);
  return { exception, pattern, matches: (path) => walk(steps, path) };
}

/**
 * Follows all ways through the steps at once: the time is bounded by steps times characters. A regular expression
 * would backtrack for ever on a hostile `a*a*a*…b`.
 */
function walk(steps: readonly Step[], path: string): boolean {
  let places = new Set<number>();
  arrive(steps, 0, places);
  // Places in the middle of a "folders" step, which is over only at a slash.
  let inFolders = new Set<number>();
  for (const char of path) {
    const next = new Set<number>();
    const nextInFolders = new Set<number>();
    for (const place of [...places, ...inFolders]) {
      const step = steps[place];
      if (step?.kind === "one" && step.takes(char)) arrive(steps, place + 1, next);
      if (step?.kind === "many" && (step.slashes || char !== "/")) arrive(steps, place, next);
      if (step?.kind === "folders") nextInFolders.add(place);
      if (step?.kind === "folders" && char === "/") arrive(steps, place + 1, next);
    }
    places = next;
    inFolders = nextInFolders;
  }
  return places.has(steps.length);
}

/** Adds a place, and those reached from it without a character. */
function arrive(steps: readonly Step[], place: number, places: Set<number>): void {
  places.add(place);
  for (let at = place; steps[at] !== undefined && steps[at]?.kind !== "one"; at += 1) places.add(at + 1);
}

function stepsOf(pattern: string): readonly Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < pattern.length; ) {
    const [step, length] = stepAt(pattern.slice(at));
    steps.push(step);
    at += length;
  }
  return steps;
}

/** The first step of a pattern, and how many characters it is written with. */
function stepAt(rest: string): readonly [step: Step, length: number] {
  if (rest === "**" || rest === "**/") return [{ kind: "many", slashes: true }, rest.length];
  if (rest.startsWith("**")) return [{ kind: "folders" }, rest.startsWith("**/") ? 3 : 2];
  if (rest.startsWith("*")) return [{ kind: "many", slashes: false }, 1];
  if (rest.startsWith("?")) return [{ kind: "one", takes: (char) => char !== "/" }, 1];
  if (rest.startsWith("[")) return classAt(rest);
  const escaped = rest.startsWith("\\");
  const [wanted] = escaped ? rest.slice(1) : rest;
  if (wanted === undefined) return badPattern("it ends in a backslash");
  return [{ kind: "one", takes: (char) => char === wanted }, wanted.length + (escaped ? 1 : 0)];
}

/** A character class: `[a-z]`, `[^a]`, with `\` before a character that would mean something. */
function classAt(rest: string): readonly [step: Step, length: number] {
  const match = /^\[(\^?)((?:\\.|[^\]\\])+)\]/su.exec(rest);
  if (match === null) return badPattern("a [ has no ]");
  const [whole, negation = "", members = ""] = match;
  const ranges = (members.match(/(?:\\.|[^\\])(?:-(?:\\.|[^\\]))?/gsu) ?? []).map(rangeOf);
  const holds = (char: string): boolean => ranges.some(([low, high]) => low <= char && char <= high);
  return [{ kind: "one", takes: (char) => holds(char) !== (negation === "^") }, whole.length];
}

function rangeOf(range: string): readonly [low: string, high: string] {
  const [, from = "", to = from] = /^(\\?.)(?:-(\\?.))?$/su.exec(range) ?? [];
  if (from === "-") return badPattern("a range begins with -");
  return [plain(from), plain(to)];
}

function plain(char: string): string {
  return char.length > 1 && char.startsWith("\\") ? char.slice(1) : char;
}

function badPattern(why: string): never {
  throw new SyntaxError(why);
}
