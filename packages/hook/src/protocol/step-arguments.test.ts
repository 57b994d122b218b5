import { describe, expect, it } from "vitest";
import { stepArguments } from "./step-arguments.ts";

/** What the runner does to `runs.args` (actions/runner, ContainerActionHandler.cs and HookInput.cs). */
function asTheRunnerSends(args: readonly string[]): string[] {
  const joined = args.map((arg) => ` "${arg.replaceAll('"', '\\"')}"`).join("");
  return joined
    .split(" ")
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "");
}

describe("stepArguments", () => {
  it.each([
    ["one word", ["hello"]],
    ["a space", ["hello world"]],
    ["an empty argument", ["-x", "", "y"]],
    ["only an empty argument", [""]],
    ["double quotes", ['say "hi"', '"']],
    ["single quotes", ["it's", "'a b'"]],
    ["dollars, backticks and globs", ["$HOME", "$(id)", "`id`", "*", "$X", "~"]],
    ["operators of a shell", ["a && b", "c; d", "| e", "> f", "# g"]],
    ["backslashes in the middle", ["C:\\dir\\file", "a\\\\b"]],
    ["flags", ["--name=value with space", "-v"]],
    ["newlines inside a word", ["line1\nline2"]],
    ["unicode", ["grüße 世界", "🚢"]],
  ])("gives back %s", (_, args) => {
    expect(stepArguments(asTheRunnerSends(args))).toEqual(args);
  });

  it.each([
    ["several spaces become one", ["echo  two  spaces"], ["echo two spaces"]],
    ["outer spaces are gone, except for one", [" a "], [" a "]],
    ["a trailing backslash swallows the closing quote", ["C:\\dir\\"], ['C:\\dir"']],
  ])("keeps what the runner left: %s", (_, args, left) => {
    expect(stepArguments(asTheRunnerSends(args))).toEqual(left);
  });

  it.each([
    ["unquoted words of with.args", ["-c", "echo"], ["-c", "echo"]],
    ["tabs as separators", ["a\tb"], ["a", "b"]],
    ["a quote in the middle of a word", ['a"b', 'c"d'], ["ab cd"]],
    ["an open quote", ['"open', "end"], ["open end"]],
    ["a doubled quote inside quotes", ['"a""b"'], ['a"b']],
    ["two backslashes before a quote", ['"a\\\\"', "b"], ["a\\", "b"]],
    ["nothing", [], []],
  ])("reads %s as .NET does", (_, pieces, args) => {
    expect(stepArguments(pieces)).toEqual(args);
  });

  it("reads a long argument in linear time", () => {
    const long = "\\".repeat(200_000) + "x".repeat(200_000);
    expect(stepArguments([long])).toEqual([long]);
  });
});
