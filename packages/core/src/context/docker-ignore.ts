import { posix } from "node:path";
import { BuildError } from "../errors.ts";
import { compilePattern, type IgnorePattern } from "./ignore-pattern.ts";

/** The rules of one .dockerignore. */
export interface DockerIgnore {
  /** Whether the path, relative to the context and with forward slashes, is left out of the context. */
  ignores(path: string): boolean;
  /** Whether something below an ignored folder may be in the context after all. */
  mayHoldExceptions(folder: string): boolean;
}

/** Parses a .dockerignore as Docker does. Throws INVALID_REQUEST for a pattern that Docker refuses, with the line. */
export function parseDockerIgnore(text: string, fileName: string): DockerIgnore {
  const patterns = text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .map((line, index) => patternOf(line.replace(/\r$/, ""), index + 1, fileName))
    .filter((pattern) => pattern !== undefined);
  const exceptions = patterns.filter(({ exception }) => exception);
  return {
    ignores: (path) => isIgnored(path, patterns),
    mayHoldExceptions: (folder) => exceptions.some(({ pattern }) => mayMatchBelow(pattern, folder)),
  };
}

function patternOf(line: string, lineNumber: number, fileName: string): IgnorePattern | undefined {
  // Only a # in the first column begins a comment.
  if (line.startsWith("#") || line.trim() === "") return undefined;
  const exception = line.trim().startsWith("!");
  const pattern = clean(exception ? line.trim().slice(1).trim() : line.trim());
  try {
    if (exception && /^\/?$/.test(pattern)) throw new SyntaxError("there is nothing after the !");
    return compilePattern(pattern, exception);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BuildError("INVALID_REQUEST", `Line ${lineNumber} of ${fileName} is not a pattern: ${why}`, {
      remedy: "Correct the pattern; write \\ before a character that means itself",
      details: { line: lineNumber },
      cause: error,
    });
  }
}

/** Go's filepath.Clean, without the leading slash: the root of the context is the root of every pattern. */
function clean(pattern: string): string {
  if (pattern === "") return "";
  const normal = posix.normalize(pattern).replace(/(?<=.)\/$/, "");
  // Trimmed once more, as Docker does: "/ a" is "a".
  return normal.length > 1 ? normal.replace(/^\//, "").trim() : normal;
}

/** The last pattern that matches the path or a folder above it decides. */
function isIgnored(path: string, patterns: readonly IgnorePattern[]): boolean {
  const paths = withParents(path);
  let ignored = false;
  for (const { exception, matches } of patterns) {
    if (exception === ignored && paths.some(matches)) ignored = !exception;
  }
  return ignored;
}

function withParents(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** Compares part by part, generously: a true too many costs a look into a folder, a false one would lose files. */
function mayMatchBelow(pattern: string, folder: string): boolean {
  const wanted = pattern.split("/");
  for (const [index, part] of folder.split("/").entries()) {
    const other = wanted[index];
    if (other === undefined || other.includes("**")) return true;
    if (!/[*?[\\]/.test(other) && other !== part) return false;
  }
  return true;
}
