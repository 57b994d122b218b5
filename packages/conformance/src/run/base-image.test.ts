import { describe, expect, it } from "vitest";
import { baseImageOf } from "./base-image.ts";

const build = { dockerfile: "Dockerfile" };

describe("baseImageOf", () => {
  it.each([
    ["FROM busybox:1.37\n", undefined, "busybox:1.37"],
    ["FROM scratch\n", undefined, undefined],
    ["FROM a AS x\nFROM b\nFROM x\n", undefined, "a"],
    ["FROM a AS x\nFROM b AS y\n", "x", "a"],
    ["FROM a\nFROM b\n", "0", "a"],
  ])("finds for %j with target %s: %s", (dockerfile, target, image) => {
    expect(baseImageOf(dockerfile, { ...build, ...(target === undefined ? {} : { target }) })).toBe(image);
  });

  it("does not care for values that only a run has", () => {
    const sum = `sha256:${"0".repeat(64)}`;
    const dockerfile = `FROM a\nARG FILES\nADD --checksum=${sum} \${FILES}/x /y\n`;
    expect(baseImageOf(dockerfile, { ...build, buildArgs: { FILES: "{{files}}" } })).toBe("a");
  });
});
