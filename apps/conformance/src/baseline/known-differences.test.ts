import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { madeUpEntry } from "../testing/made-up.ts";
import { loadKnownDifferences, parseKnownDifferences } from "./known-differences.ts";

const parsed = (entries: unknown) => parseKnownDifferences(stringify(entries), "kaniko.yaml");

describe("a list of known differences", () => {
  it("is read as it stands", () => {
    const entries = [
      madeUpEntry("a", { versions: ">=1.24 <1.29", issue: "https://github.com/x" }),
      madeUpEntry("b"),
    ];
    expect(parsed(entries)).toEqual(entries);
    expect(parseKnownDifferences("", "kaniko.yaml")).toEqual([]);
  });

  it.each([
    ["a field that is none", { reson: "x" }, "entry 1, field reson, is not known"],
    ["a status that is none", { expect: "diffrs" }, "entry 1, field expect, has to be"],
    ["a pass", { expect: "pass" }, "entry 1, field expect, has to be"],
    ["no reason", { reason: " " }, "entry 1, field reason, is empty"],
    ["a day that is none", { expires: "2026-02-31" }, "entry 1, field expires, is not a day"],
    ["a range that is none", { versions: "new" }, "entry 1, field versions, is not a range"],
    ["another builder", { builder: "dind" }, "entry 1 is of builder dind"],
  ])("with %s is refused", (_, change, message) => {
    expect(() => parsed([{ ...madeUpEntry("a"), ...change }])).toThrow(
      `known-differences/kaniko.yaml: ${message}`,
    );
  });

  it("that is no YAML, no list, or has a case twice is refused", () => {
    expect(() => parseKnownDifferences("- [", "kaniko.yaml")).toThrow("known-differences/kaniko.yaml");
    expect(() => parsed({})).toThrow("known-differences/kaniko.yaml: the list has to be");
    expect(() => parsed([madeUpEntry("a"), madeUpEntry("a")])).toThrow("entry 2 is the second one of case a");
  });

  it("of every builder can be read", async () => {
    for (const { builder } of await loadKnownDifferences()) expect(["dind", "kaniko"]).toContain(builder);
  });
});
