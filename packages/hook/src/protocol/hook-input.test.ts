import { describe, expect, it } from "vitest";
import { parseContainerStep, parseHookInput } from "./hook-input.ts";

const minimal = { image: "busybox", dockerfile: null };

describe("parseHookInput", () => {
  it("reads the last line that is not empty", () => {
    const input = parseHookInput(
      'noise\n{"command":"cleanup_job","responseFile":"/r","args":{},"state":null}\n\n',
    );
    expect(input).toEqual({ command: "cleanup_job", responseFile: "/r", args: {}, state: {} });
  });

  it("keeps the state of another hook", () => {
    const input = parseHookInput('{"command":"cleanup_job","state":{"jobPod":"x","deep":{"a":[1]}}}');
    expect(input.state).toEqual({ jobPod: "x", deep: { a: [1] } });
  });

  it.each([
    ["nothing", "", "stdin is empty"],
    ["blank lines", " \n\n", "stdin is empty"],
    ["a cut line", '{"command":"cleanup', "not valid JSON"],
    ["a list", "[]", "must be Object, not an array"],
    ["no command", "{}", "command is missing"],
    ["an unknown command", '{"command":"nope"}', 'not "nope"'],
    ["a state that is text", '{"command":"cleanup_job","state":"x"}', "state must be Object, not string"],
  ])("refuses %s", (_, text, message) => {
    expect(() => parseHookInput(text)).toThrow(message);
  });

  it("never quotes the input, which holds secrets", () => {
    const attempt = () => parseHookInput('{"command":"run_container_step","args":{"token":"hunter2"');
    expect(attempt).toThrow(expect.not.objectContaining({ message: expect.stringContaining("hunter2") }));
  });
});

describe("parseContainerStep", () => {
  it("reads nulls as absent", () => {
    const nulls = {
      entryPoint: null,
      entryPointArgs: null,
      workingDirectory: null,
      environmentVariables: null,
    };
    expect(parseContainerStep({ ...minimal, ...nulls, systemMountVolumes: null })).toEqual({
      image: "busybox",
      dockerfile: undefined,
      entryPoint: undefined,
      entryPointArgs: [],
      workingDirectory: undefined,
      environment: {},
      systemMounts: [],
      userMounts: [],
    });
  });

  it("takes an empty entry point for none", () => {
    expect(parseContainerStep({ ...minimal, entryPoint: "" }).entryPoint).toBeUndefined();
  });

  it.each([
    ["no args", null, "args must be Object, not null"],
    ["neither image nor dockerfile", {}, "neither image nor dockerfile"],
    ["image and dockerfile", { image: "a", dockerfile: "/b/Dockerfile" }, "both image and dockerfile"],
    ["a number as image", { image: 7 }, "args.image must be"],
    [
      "args that are one string",
      { ...minimal, entryPointArgs: "a b" },
      "args.entryPointArgs must be Array, not string",
    ],
    [
      "a variable that is a list",
      { ...minimal, environmentVariables: { A: [] } },
      "args.environmentVariables.A must be",
    ],
    [
      "a mount without target",
      { ...minimal, systemMountVolumes: [{ sourceVolumePath: "/a" }] },
      "args.systemMountVolumes.0.targetVolumePath is missing",
    ],
    [
      "a mount with a relative target",
      { ...minimal, systemMountVolumes: [{ sourceVolumePath: "/a", targetVolumePath: "b" }] },
      "args.systemMountVolumes.0.targetVolumePath must be an absolute path",
    ],
  ])("refuses %s", (_, args, message) => {
    expect(() => parseContainerStep(args)).toThrow(message);
  });
});
