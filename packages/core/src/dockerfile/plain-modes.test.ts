import { describe, expect, it } from "vitest";
import { withPlainModes } from "./plain-modes.ts";

describe("withPlainModes", () => {
  it.each([
    ["FROM x\nARG M=440\nCOPY --chmod=$M a /b\n", "FROM x\nARG M=440\nCOPY --chmod=440 a /b\n"],
    [
      "FROM x\nENV M=755\nADD --chown=1 --chmod=$M a /b\n",
      "FROM x\nENV M=755\nADD --chown=1 --chmod=755 a /b\n",
    ],
    ["FROM x\nARG M=\nCOPY --chmod=$M a /b\n", "FROM x\nARG M=\nCOPY  a /b\n"],
    [
      "FROM x\nARG M=440\nCOPY \\\n# --chmod=$M\n  --chmod=$M a /b\nRUN echo --chmod=$M\n",
      "FROM x\nARG M=440\nCOPY \\\n# --chmod=$M\n  --chmod=440 a /b\nRUN echo --chmod=$M\n",
    ],
    ["FROM x\nCOPY --chmod=755 a /$b\n", "FROM x\nCOPY --chmod=755 a /$b\n"],
  ])("makes of %j: %j", (source, text) => {
    expect(withPlainModes(source)).toEqual({ text, unknownLine: undefined });
  });

  it("prefers build arguments to defaults", () => {
    expect(withPlainModes("FROM x\nARG M=1\nCOPY --chmod=$M a /b\n", { M: "2" }).text).toContain(
      "--chmod=2 a",
    );
  });

  it.each(["FROM x\nCOPY --chmod=$M a /b\n", 'FROM x\nCOPY --chmod="$M" a /b\n'])(
    "tells the line of what it cannot tell: %j",
    (source) => {
      expect(withPlainModes(source)).toEqual({ text: source, unknownLine: 2 });
    },
  );
});
