import { describe, expect, it } from "vitest";
import { parseScriptStep } from "./script-step.ts";

describe("parseScriptStep", () => {
  it("reads what the runner sends for `run:`", () => {
    const args = {
      entryPointArgs: ["--noprofile", "--norc", "-e", "-o", "pipefail", "/__w/_temp/1.sh"],
      entryPoint: "bash",
      environmentVariables: { A: "x y", EMPTY: null },
      prependPath: ["/newest", "/older"],
      workingDirectory: "/__w/repo/repo",
    };
    expect(parseScriptStep(args)).toEqual({
      entryPoint: "bash",
      args: args.entryPointArgs,
      environment: { A: "x y", EMPTY: "" },
      prependPath: ["/newest", "/older"],
      workingDirectory: "/__w/repo/repo",
    });
  });

  it("reads nulls as absent", () => {
    const nulls = {
      entryPointArgs: null,
      environmentVariables: null,
      prependPath: null,
      workingDirectory: null,
    };
    expect(parseScriptStep({ entryPoint: "sh", ...nulls })).toEqual({
      entryPoint: "sh",
      args: [],
      environment: {},
      prependPath: [],
      workingDirectory: undefined,
    });
  });

  it.each([
    ["two folders", "/a:/b", ["/a", "/b"]],
    ["nothing", "", []],
  ])("reads a path of old runners: %s", (_, prependPath, folders) => {
    expect(parseScriptStep({ entryPoint: "sh", prependPath }).prependPath).toEqual(folders);
  });

  it("puts arguments together again", () => {
    const entryPointArgs = ["-command", '".', "'/__w/_temp/a", "", "b.ps1'\""];
    expect(parseScriptStep({ entryPoint: "pwsh", entryPointArgs }).args).toEqual([
      "-command",
      ". '/__w/_temp/a  b.ps1'",
    ]);
  });

  it.each([
    ["no args", null, "args must be Object, not null"],
    ["no entry point", {}, "args.entryPoint is missing"],
    ["an entry point that is null", { entryPoint: null }, "args.entryPoint must be string, not null"],
    ["an empty entry point", { entryPoint: "" }, "args.entryPoint is empty"],
    ["a number in the path", { entryPoint: "sh", prependPath: [7] }, "args.prependPath"],
    [
      "a variable that is a list",
      { entryPoint: "sh", environmentVariables: { A: [] } },
      "args.environmentVariables.A must be",
    ],
  ])("refuses %s", (_, args, message) => {
    expect(() => parseScriptStep(args)).toThrow(message);
  });
});
