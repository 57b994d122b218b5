import { describe, expect, it } from "vitest";
import { contextCopies } from "./context-copies.ts";

function copiesOf(source: string, buildArgs?: Record<string, string>) {
  return contextCopies(source, { buildArgs }).map(({ instruction, sources, destination }) => [
    instruction.startLine,
    ...sources,
    destination,
  ]);
}

describe("contextCopies", () => {
  it.each<[string, unknown[][]]>([
    [
      "FROM x\nCOPY a b /c/\nADD d /e\n",
      [
        [2, "a", "b", "/c/"],
        [3, "d", "/e"],
      ],
    ],
    ['FROM x\nCOPY ["a b", "/c d/"]\n', [[2, "a b", "/c d/"]]],
    ["FROM x\nCOPY --from=y a /b\nRUN c\nONBUILD COPY a /b\n", []],
    ["FROM x\nADD http://x.example/a git@x.example:b/c.git d /e/\n", [[2, "d", "/e/"]]],
    ["FROM x\nARG U=http://x.example\nADD $U/a https://$V/b d /e/\n", [[3, "d", "/e/"]]],
    ["FROM x\nCOPY <<EOF a /b/\nEOF\n", [[2, "a", "/b/"]]],
    ["FROM x\nARG A=1\nENV B=$A\nCOPY $A-$B /$B/\n", [[4, "1-1", "/1/"]]],
    ["FROM x\nCOPY $FROM_BASE a /b\n", [[2, undefined, "a", "/b"]]],
  ])("reads %j", (source, expected) => {
    expect(copiesOf(source)).toEqual(expected);
  });

  it.each<[string, string | undefined]>([
    ["FROM x\nCOPY a b\n", undefined],
    ["FROM scratch\nCOPY a b\n", "/b"],
    ["FROM scratch\nCOPY a .\n", "/"],
    ["FROM x\nWORKDIR /w\nCOPY a .\n", "/w/"],
    ["FROM x\nWORKDIR /w\nCOPY a ./b/\n", "/w/b/"],
    ["FROM x\nWORKDIR /w\nWORKDIR v\nCOPY a ../b\n", "/w/b"],
    ["FROM x\nWORKDIR v\nCOPY a b\n", undefined],
    ["FROM x\nWORKDIR $UNKNOWN\nCOPY a b\n", undefined],
    ["FROM x\nWORKDIR $UNKNOWN\nCOPY a /../b/.\n", "/b/"],
    ["FROM x AS One\nWORKDIR /w\nFROM one\nCOPY a b\n", "/w/b"],
    ["FROM x AS one\nWORKDIR /w\nFROM y\nCOPY a b\n", undefined],
    ["FROM x\nCOPY a $UNKNOWN\n", undefined],
  ])("tells where %j copies to: %s", (source, expected) => {
    expect(contextCopies(source)[0]?.destination).toBe(expected);
  });

  it("prefers build arguments to defaults", () => {
    expect(copiesOf("FROM x\nARG A=1\nCOPY $A /b\n", { A: "2" })).toEqual([[3, "2", "/b"]]);
  });
});
