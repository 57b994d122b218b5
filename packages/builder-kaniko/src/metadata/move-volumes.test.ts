// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile look like template strings
import { describe, expect, it } from "vitest";
import { moveVolumes } from "./move-volumes.ts";

describe("moveVolumes", () => {
  it.each([
    ["FROM x\nVOLUME /a /b\nRUN y\nCMD z", 'FROM x\n\nRUN y\nCMD z\nVOLUME ["/a","/b"]'],
    [
      "FROM x\nENV d=/a\nVOLUME $d/b\nENV d=/c\nRUN y",
      'FROM x\nENV d=/a\n\nENV d=/c\nRUN y\nVOLUME ["/a/b"]',
    ],
    [
      "FROM x AS one\nVOLUME /a\nRUN y\nFROM one\nVOLUME /b\nRUN z",
      'FROM x AS one\n\nRUN y\nVOLUME ["/a"]\nFROM one\n\nRUN z\nVOLUME ["/b"]',
    ],
    ["FROM x\nVOLUME /a\nRUN y\nVOLUME /b", 'FROM x\n\nRUN y\nVOLUME /b\nVOLUME ["/a"]'],
    ['FROM x\nVOLUME ["/a \\\\$b"]\nRUN y', 'FROM x\n\nRUN y\nVOLUME ["/a \\\\$b"]'],
  ])("moves those of %j behind RUN, with the values that they have there", (before, after) => {
    expect(moveVolumes(before, {})).toBe(after);
  });

  it.each([
    "FROM x\nRUN y\nVOLUME $unknown\n",
    "FROM x\nVOLUME /a\nCOPY b /a/\n",
    "FROM x AS y\nVOLUME /a\nFROM y\nRUN z\n",
  ])("leaves %j alone", (dockerfile) => {
    expect(moveVolumes(dockerfile, {})).toBe(dockerfile);
  });

  it("refuses a path that only the builder can tell", () => {
    expect(() => moveVolumes("FROM x\nVOLUME $unknown\nRUN y\n", {})).toThrow(/line 2/);
  });

  it("knows build arguments", () => {
    const options = { buildArgs: { d: "/given" } };
    expect(moveVolumes("FROM x\nARG d\nVOLUME $d\nRUN y", options)).toContain('VOLUME ["/given"]');
  });
});
