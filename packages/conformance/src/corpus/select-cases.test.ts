import { describe, expect, it } from "vitest";
import type { CorpusCase } from "./corpus-case.ts";
import { type CaseFilter, selectCases } from "./select-cases.ts";

const cases = [
  one("arg", "arg-default"),
  one("arg", "arg-given", ["build-args"]),
  one("copy", "copy-link", ["copy-link"]),
  one("copy", "copy-file"),
];

describe("selectCases", () => {
  it.each<[filter: CaseFilter, ids: string[]]>([
    [{}, ["arg-default", "arg-given", "copy-link", "copy-file"]],
    [{ only: ["copy-file"] }, ["copy-file"]],
    [{ only: ["*-link", "arg/*"] }, ["arg-default", "arg-given", "copy-link"]],
    [{ groups: ["copy"] }, ["copy-link", "copy-file"]],
    [{ features: ["build-args", "labels"] }, ["arg-given"]],
    [{ profile: "core" }, ["arg-default", "copy-file"]],
    [{ profile: "extended", groups: ["copy"] }, ["copy-link"]],
    [{ shard: { part: 1, of: 3 } }, ["arg-default", "copy-file"]],
    [{ shard: { part: 3, of: 3 } }, ["copy-link"]],
  ])("selects by %j", (filter, ids) => {
    expect(selectCases(cases, filter).map(({ id }) => id)).toEqual(ids);
  });

  it("refuses a name that no case has", () => {
    expect(() => selectCases(cases, { only: ["copy-file", "copy.file"] })).toThrow(
      "No case is named copy.file",
    );
  });

  it("refuses filters that select nothing together", () => {
    expect(() => selectCases(cases, { groups: ["arg"], features: ["copy-link"] })).toThrow(/select no case/);
  });
});

function one(group: CorpusCase["group"], id: string, features: CorpusCase["features"] = []): CorpusCase {
  return {
    id,
    group,
    features,
    title: id,
    spec: "",
    base: "scratch",
    build: { dockerfile: "Dockerfile" },
    recipe: [],
    expect: { layers: 1 },
    folder: "",
  };
}
