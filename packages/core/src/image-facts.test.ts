import { describe, expect, it } from "vitest";
import { factsOf } from "./image-facts.ts";

const nothing = { os: "linux", architecture: "", entrypoint: [], cmd: [], user: "", workingDir: "/" };

describe("factsOf", () => {
  it("reads a Docker or OCI config", () => {
    const config = {
      os: "linux",
      architecture: "arm64",
      config: { Entrypoint: ["/bin/x", "-a"], Cmd: ["b"], User: "7:8", WorkingDir: "/w", Env: ["A=b"] },
    };
    expect(factsOf(config)).toEqual({
      os: "linux",
      architecture: "arm64",
      entrypoint: ["/bin/x", "-a"],
      cmd: ["b"],
      user: "7:8",
      workingDir: "/w",
    });
  });

  it.each([
    ["null fields", { config: { Entrypoint: null, Cmd: null } }],
    ["no config", {}],
    ["a list", []],
    ["null", null],
    ["wrong kinds", { os: 7, config: { Entrypoint: "sh", Cmd: [1], User: {} } }],
  ])("gives defaults for %s", (_, config) => {
    expect(factsOf(config)).toEqual(nothing);
  });
});
