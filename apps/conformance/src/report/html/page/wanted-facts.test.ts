import { expect, it } from "vitest";
import { wantedFacts } from "./wanted-facts.ts";

it("says what must fail, with which code, and on which line", () => {
  expect(wantedFacts({ expect: { fails: ["INVALID_REQUEST", "BUILD_FAILED"], line: 3 } })).toEqual([
    ["fails with", "INVALID_REQUEST, BUILD_FAILED"],
    ["pushes", "nothing"],
    ["names line", "3"],
  ]);
});

it("has a line for each fact of the image", () => {
  const expected = {
    config: { Env: ["A=1"], Cmd: null },
    files: { "/a": { type: "file", mode: "0644", text: "a\n" }, "/b": null },
    changed: ["/a"],
    layers: 1,
    log: ["one", "two"],
    run: { exitCode: 3, stdout: "out\n" },
  };
  expect(wantedFacts({ expect: expected })).toEqual([
    ["config Env", '["A=1"]'],
    ["config Cmd", "absent"],
    ["/a", 'file, mode 0644, text "a\\n"'],
    ["/b", "is not there"],
    ["changes exactly", "/a"],
    ["layers of its own", "1"],
    ["prints, in this order", "one, two"],
    ["run: exitCode", "3"],
    ["run: stdout", '"out\\n"'],
  ]);
});

it("does not pass over a kind of fact that is new", () => {
  expect(wantedFacts({ expect: { later: { a: 1 } } })).toEqual([["later", '{"a":1}']]);
});
