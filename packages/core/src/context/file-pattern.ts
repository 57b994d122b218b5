import { compilePattern } from "./ignore-pattern.ts";

/** Whether a source of COPY or ADD is a pattern, which needs a look at what there is (Dockerfile reference, "Pattern matching"). */
export function isFilePattern(source: string): boolean {
  return /[*?[]/.test(source.replace(/\\./gs, ""));
}

/** Go's `filepath.Match` for one part of a path: two stars are one. A pattern that is none matches nothing. */
export function filePattern(pattern: string): (name: string) => boolean {
  try {
    const single = pattern.replace(/\\.|\*+/gs, (piece) => (piece.startsWith("*") ? "*" : piece));
    return compilePattern(single, false).matches;
  } catch {
    return () => false;
  }
}
