import { describe, expect, it } from "vitest";
import { parseArguments } from "./parse-arguments.ts";

describe("parseArguments", () => {
  it("has a default for all but the builder", () => {
    expect(parseArguments(["run", "--builder", "./b.js"])).toEqual({
      action: "run",
      builder: "./b.js",
      only: [],
      profile: "core",
      jobs: 4,
      limitSeconds: 300,
      graceSeconds: 30,
    });
  });

  it("takes every option", () => {
    const args =
      "run --builder b --config c --known-failures k --host h --base i --only a/* --only b/c --json j".split(
        " ",
      );
    const numbers = "--profile extended --jobs 2 --limit 60 --grace 5".split(" ");
    expect(parseArguments([...args, ...numbers])).toMatchObject({
      config: "c",
      knownFailures: "k",
      host: "h",
      base: "i",
      only: ["a/*", "b/c"],
      json: "j",
      profile: "extended",
      jobs: 2,
      limitSeconds: 60,
      graceSeconds: 5,
    });
  });

  it.each([
    [[], "help"],
    [["--help"], "help"],
    [["run", "--help"], "help"],
    [["list"], "list"],
    [["run", "--list"], "list"],
  ])("takes %j for %s", (args, action) => {
    expect(parseArguments(args).action).toBe(action);
  });

  it.each([
    [["test"], 'The command is "test"'],
    [["--builder", "b"], "The command is missing"],
    [["run"], "--builder is missing"],
    [["run", "x", "--builder", "b"], '"x" belongs to no option'],
    [["run", "--bulider", "b"], "Unknown option '--bulider'"],
    [["run", "--builder", "b", "--profile", "gold"], '--profile is "gold"'],
    [["run", "--builder", "b", "--jobs", "0"], '--jobs is "0"'],
    [["run", "--builder", "b", "--limit", "1m"], '--limit is "1m"'],
  ])("refuses %j", (args, message) => {
    expect(() => parseArguments(args)).toThrow(expect.objectContaining({ code: "INVALID_REQUEST", message }));
  });
});
