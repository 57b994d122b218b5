import { describe, expect, it } from "vitest";
import { countFacts } from "./count-facts.ts";

describe("what a case asserts", () => {
  it.each([
    ["a failure", { fails: ["BUILD_FAILED", "INVALID_REQUEST"] }, 1],
    ["a failure with its line", { fails: ["INVALID_REQUEST"], line: 2 }, 2],
    [
      "labels, a list and nothing",
      { config: { Labels: { a: "1", b: "2" }, Cmd: ["x", "y"], User: null } },
      5,
    ],
    ["ports, which are empty objects", { config: { ExposedPorts: { "80/tcp": {}, "81/udp": {} } } }, 2],
    ["files", { files: { "/a": { mode: "0644", owner: "0:0" }, "/b": null }, changed: ["/a"], layers: 1 }, 5],
    ["what is not given", { layers: 1, config: undefined }, 1],
  ])("is counted: %s", (_, expectation, facts) => {
    expect(countFacts([{ expect: expectation }])).toBe(facts);
  });

  it("is added up", () => {
    expect(countFacts([])).toBe(0);
    expect(countFacts([{ expect: { layers: 1 } }, { expect: { layers: 2, files: { "/b": null } } }])).toBe(3);
  });
});
