import { describe, expect, it } from "vitest";
import { parseOptions, withoutPlaces } from "./options.ts";

describe("the command line", () => {
  it("runs everything with every builder, the reference first, when it says nothing", () => {
    expect(parseOptions([])).toMatchObject({
      filter: {},
      builders: ["dind", "kaniko"],
      resume: false,
      probe: false,
      action: { kind: "run", updateBaseline: false },
    });
  });

  it("narrows and changes a run", () => {
    const args =
      "--only a* --only b --group copy --feature copy-link --profile core --shard 2/3 --builder kaniko";
    expect(parseOptions([...args.split(" "), "--jobs=7", "--limit", "60", "--resume"])).toMatchObject({
      filter: {
        only: ["a*", "b"],
        groups: ["copy"],
        features: ["copy-link"],
        profile: "core",
        shard: { part: 2, of: 3 },
      },
      builders: ["kaniko"],
      jobs: 7,
      limitSeconds: 60,
      resume: true,
    });
  });

  it("does something else instead of a run", () => {
    expect(parseOptions(["--list"]).action).toEqual({ kind: "list" });
    expect(parseOptions(["--bisect", "x"]).action).toEqual({ kind: "bisect", case: "x" });
    expect(parseOptions(["--merge", "a.json", "b.json"]).action).toEqual({
      kind: "merge",
      files: ["a.json", "b.json"],
    });
    expect(parseOptions(["--publish", "r.json"]).action).toEqual({ kind: "publish", file: "r.json" });
  });

  it.each([
    [["--olny", "x"], "Unknown option '--olny'"],
    [["copy"], '"copy" is not an option'],
    [["--group", "cpoy"], "--group cpoy is not known"],
    [["--feature", "x"], "--feature x is not known"],
    [["--builder", "docker"], "--builder docker is not known"],
    [["--profile", "all"], "--profile all is not known"],
    [["--shard", "0/3"], "--shard 0/3 is not I/N"],
    [["--shard", "4/3"], "--shard 4/3 is not I/N"],
    [["--jobs", "many"], "--jobs many is not a number"],
    [["--merge"], "--merge names no file"],
  ])("%j is refused", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});

it("has a command line again without where results are", () => {
  const args = ["--group", "copy", "--out", "/somewhere", "--resume", "--jobs=7", "--probe"];
  expect(withoutPlaces(args)).toEqual(["--group=copy", "--jobs=7", "--probe"]);
});
