import { describe, expect, it } from "vitest";
import { filePattern, isFilePattern } from "./file-pattern.ts";

describe("filePattern", () => {
  it.each([
    ["*.txt", "a.txt", true],
    ["**.txt", "a.txt", true],
    ["**a", "bca", true],
    ["a?", "ab", true],
    ["a?", "a", false],
    ["[^a]*", "b", true],
    ["arr[[]0]", "arr[0]", true],
    ["a\\**", "a*b", true],
    ["a\\**", "axb", false],
    ["[", "[", false],
    [".*", "a", false],
    ["*", ".a", true],
  ])("compares %s with %s: %s", (pattern, name, expected) => {
    expect(filePattern(pattern)(name)).toBe(expected);
  });
});

describe("isFilePattern", () => {
  it.each([
    ["a.txt", false],
    ["a*", true],
    ["[a]", true],
    ["a\\*", false],
    ["a\\\\*", true],
  ])("knows %s: %s", (source, expected) => {
    expect(isFilePattern(source)).toBe(expected);
  });
});
