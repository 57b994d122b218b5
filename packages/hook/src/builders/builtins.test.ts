import { describe, expect, it } from "vitest";
import { BUILTIN_IDS, buildersWith, builtinBuilder } from "./builtins.ts";

describe("builders that come along", () => {
  it("are these, the default first", () => {
    expect(BUILTIN_IDS).toEqual(["kaniko", "dind"]);
    expect(BUILTIN_IDS.map((id) => builtinBuilder(id)?.id)).toEqual(BUILTIN_IDS);
  });

  it("are suggested for what they have, also the one that has to be opted in", () => {
    expect(buildersWith("run-mount-tmpfs")).toEqual(["dind"]);
    expect(buildersWith("build-args")).toEqual(["kaniko", "dind"]);
    expect(buildersWith("run-security")).toEqual([]);
  });
});
