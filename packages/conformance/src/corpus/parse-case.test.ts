import { isBuildError } from "@slipway/core";
import { describe, expect, it } from "vitest";
import { parseCase } from "./parse-case.ts";

const GOOD = `
id: some-case
group: metadata
title: Something is so
spec: https://docs.docker.com/reference/dockerfile/#env
base: scratch
expect:
  config: { Cmd: null }
`;

describe("parseCase", () => {
  it("fills in what may be left out", () => {
    const { features, build, recipe, expect: wanted } = parseCase(GOOD, "x");
    expect({ features, build, recipe }).toEqual({
      features: [],
      build: { dockerfile: "Dockerfile" },
      recipe: [],
    });
    expect(wanted).toEqual({ config: { Cmd: null } });
  });

  it.each<[what: string, text: string, message: RegExp, remedy: RegExp]>([
    ["a typo", GOOD.replace("title:", "titel:"), /field titel is not known|field title is missing/, /title/],
    ["an unknown field", `${GOOD}flags: []`, /field flags is not known/, /features, build, recipe, ignored/],
    [
      "one further in",
      GOOD.replace("Cmd:", "cmd:"),
      /field expect\.config\.cmd is not known/,
      /Entrypoint, Cmd/,
    ],
    ["a missing field", GOOD.replace(/spec:.*/, ""), /field spec is missing/, /Add spec/],
    [
      "an unknown feature",
      `${GOOD}features: [copy-fast]`,
      /features\.0 has to be one of .*copy-link/,
      /features\.0/,
    ],
    [
      "an unknown group",
      GOOD.replace("group: metadata", "group: meta"),
      /group has to be one of parser, /,
      /group/,
    ],
    [
      "a mode that is a number",
      `${GOOD}  files: { /x: { mode: 0644 } }`,
      /mode has to be text in quotes/,
      /mode/,
    ],
    ["a link without an anchor", GOOD.replace("#env", ""), /spec is not a link with an anchor/, /spec/],
    [
      "a path that leads out",
      `${GOOD}recipe: [{ path: ../x, type: fifo }]`,
      /not a path inside/,
      /recipe\.0\.path/,
    ],
    ["a link to nowhere", `${GOOD}recipe: [{ path: x, type: symlink }]`, /has a target/, /recipe\.0/],
    [
      "two contents",
      `${GOOD}recipe: [{ path: x, type: file, text: a, sizeBytes: 1 }]`,
      /at most one/,
      /recipe\.0/,
    ],
    ["facts of a failure", `${GOOD}  fails: [BUILD_FAILED]`, /mixes a failure/, /expect/],
    ["nothing asserted", GOOD.replace("{ Cmd: null }", "{}"), /asserts nothing/, /expect/],
    [
      "an unknown code",
      GOOD.replace(/config:.*/, "fails: [BROKEN]"),
      /fails\.0 has to be one of/,
      /fails\.0/,
    ],
    ["a key twice", `${GOOD}id: other`, /is not YAML: Map keys must be unique/, /Correct it/],
    ["no YAML", "a: [", /is not YAML/, /quotes/],
    ["nothing", "", /the case has to be/, /Correct it/],
  ])("names file, field and cure for %s", (_what, text, message, remedy) => {
    const error = errorOf(() => parseCase(text, "metadata/some-case/case.yaml"));
    expect(error.code).toBe("INVALID_CONFIG");
    expect(error.message).toMatch(/^metadata\/some-case\/case\.yaml: /);
    expect(error.message).toMatch(message);
    expect(error.remedy).toMatch(remedy);
  });
});

function errorOf(action: () => unknown) {
  try {
    action();
  } catch (error) {
    if (isBuildError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
