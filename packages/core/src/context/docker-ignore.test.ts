import { describe, expect, it } from "vitest";
import { parseDockerIgnore } from "./docker-ignore.ts";

const FILES = [
  "Dockerfile",
  "a.txt",
  "b.md",
  ".hid",
  "sub/a.txt",
  "sub/b.md",
  "sub/deep/c.txt",
  "node_modules/x/y.js",
  "lib/node_modules/x/y.js",
  "lib/deep/er/node_modules/z.js",
  "constructor",
  "c++/(x)|{y}$.h",
  "A.TXT",
];

/** The files that a .dockerignore leaves out. */
function ignored(text: string, files: readonly string[] = FILES): string[] {
  const rules = parseDockerIgnore(text, ".dockerignore");
  return files.filter((file) => rules.ignores(file));
}

const SUB = ["sub/a.txt", "sub/b.md", "sub/deep/c.txt"];

describe("parseDockerIgnore", () => {
  it.each([
    ["", []],
    ["sub", SUB],
    ["sub/", SUB],
    ["/sub", SUB],
    ["/ sub /", SUB],
    ["/", []],
    ["./sub/.", SUB],
    ["/sub/a.txt", ["sub/a.txt"]],
    ["./a.txt", ["a.txt"]],
    ["*.txt", ["a.txt"]],
    ["**/*.txt", ["a.txt", "sub/a.txt", "sub/deep/c.txt"]],
    ["*/*.txt", ["sub/a.txt"]],
    ["sub/*/c.txt", ["sub/deep/c.txt"]],
    ["sub/**", SUB],
    ["**", FILES],
    ["*", FILES],
    ["**/node_modules", ["node_modules/x/y.js", "lib/node_modules/x/y.js", "lib/deep/er/node_modules/z.js"]],
    ["node_modules", ["node_modules/x/y.js"]],
    ["**/deep", ["sub/deep/c.txt", "lib/deep/er/node_modules/z.js"]],
    ["**/x/**", ["node_modules/x/y.js", "lib/node_modules/x/y.js"]],
    ["**/er/**/z.*", ["lib/deep/er/node_modules/z.js"]],
    ["li**/z.js", ["lib/deep/er/node_modules/z.js"]],
    ["lib**", ["lib/node_modules/x/y.js", "lib/deep/er/node_modules/z.js"]],
    ["lib/**/z.js", ["lib/deep/er/node_modules/z.js"]],
    ["**d", [".hid", "b.md", "sub/b.md"]],
    ["?.txt", ["a.txt"]],
    ["[ab].*", ["a.txt", "b.md"]],
    ["[^a].*", ["b.md", "A.TXT"]],
    ["[a-c].md", ["b.md"]],
    ["sub/../b.md", ["b.md"]],
    ["../a.txt", []],
    ["# a.txt\n\n  \nb.md", ["b.md"]],
    ["  b.md  ", ["b.md"]],
    ["\uFEFFb.md\r\n.hid\r\n", ["b.md", ".hid"]],
    ["constructor", ["constructor"]],
    ["c++", ["c++/(x)|{y}$.h"]],
    ["c++/(x)|{y}$.*", ["c++/(x)|{y}$.h"]],
    ["a.txt", ["a.txt"]],
    ["axtxt", []],
    ["*.txt\n!a.txt", []],
    ["!a.txt\n*.txt", ["a.txt"]],
    ["sub\n!sub/deep/c.txt", ["sub/a.txt", "sub/b.md"]],
    ["sub\n! sub/deep", ["sub/a.txt", "sub/b.md"]],
    ["**\n!sub\nsub/b.md", FILES.filter((file) => !["sub/a.txt", "sub/deep/c.txt"].includes(file))],
    ["sub\n!sub/deep\nsub/deep/c.txt", SUB],
  ])("ignores by %j", (text, expected) => {
    expect(ignored(text).sort()).toEqual([...expected].sort());
  });

  it.each([
    ["\\#x", "#x"],
    ["\\!x", "!x"],
    ["a\\*b", "a*b"],
    [" #x", "#x"],
    ["ü?", "ü€"],
    ["[\\]a]x", "]x"],
    ["[💩]", "💩"],
  ])("takes %j for %j", (text, file) => {
    expect(ignored(text, [file, "other"])).toEqual([file]);
  });

  it("is quick with a pattern made to be slow", () => {
    const rules = parseDockerIgnore(`${"a*".repeat(40)}b\n${"**/a*".repeat(20)}/**/b\n`, ".dockerignore");
    expect(rules.ignores(`${"a".repeat(250)}/${"a/".repeat(100)}c`)).toBe(false);
    expect(rules.ignores(`${"a".repeat(250)}b`)).toBe(true);
  });

  it.each([["["], ["a[b"], ["[]a]"], ["[a-]"], ["[-a]"], ["!"], ["!/"], ["a\\"]])(
    "refuses %j, with the line",
    (pattern) => {
      expect(() => parseDockerIgnore(`ok\n${pattern}\n`, "x.dockerignore")).toThrow(
        expect.objectContaining({
          code: "INVALID_REQUEST",
          message: expect.stringMatching(/^Line 2 of x.dockerignore/),
        }),
      );
    },
  );

  it.each([
    ["*\n!sub/deep/c.txt", "sub", true],
    ["*\n!sub/deep/c.txt", "sub/deep", true],
    ["*\n!sub/deep/c.txt", "lib", false],
    ["*\n!sub/deep/c.txt", "sub/other", false],
    ["*\n!**/c.txt", "any/where", true],
    ["*\n!s*/c.txt", "sub", true],
    ["*\n!sub", "sub/deep", true],
    ["*", "sub", false],
  ])("knows for %j whether %s may hold exceptions: %s", (text, folder, expected) => {
    expect(parseDockerIgnore(text, ".dockerignore").mayHoldExceptions(folder)).toBe(expected);
  });
});
