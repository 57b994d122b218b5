import { describe, expect, it } from "vitest";
import { parseDockerfile } from "./instruction.ts";
import { neededStages, type StageOptions, stagesOf } from "./stage-graph.ts";

function needed(lines: readonly string[], options: StageOptions = {}): readonly number[] {
  const stages = stagesOf(parseDockerfile(`${lines.join("\n")}\n`).instructions, options);
  return [...neededStages(stages, options)].sort();
}

describe("the stages that a target is made from", () => {
  it.each<[string, string[], number[], StageOptions?]>([
    ["the only one", ["FROM a", "RUN b"], [0]],
    ["a chain", ["FROM a AS x", "FROM x AS y", "FROM y"], [0, 1, 2]],
    ["names in another case", ["FROM a AS X", "FROM a AS y", "FROM a", "COPY --from=x b c"], [0, 2]],
    ["numbers in COPY", ["FROM a", "FROM a", "FROM a", "COPY --from=1 b c"], [1, 2]],
    ["no numbers in FROM", ["FROM a", "FROM 0"], [1]],
    ["mounts", ["FROM a AS x", "FROM a AS y", "FROM a", "RUN --mount=from=y,target=/m b"], [1, 2]],
    ["triggers", ["FROM a AS x", "FROM a AS p", "ONBUILD COPY --from=x b c", "FROM p"], [0, 1, 2]],
    [
      "a trigger that names a later stage",
      ["FROM a AS p", "ONBUILD COPY --from=x b c", "FROM a AS x", "FROM p"],
      [0, 1, 2],
    ],
    ["the last of two with one name", ["FROM a AS x", "FROM b AS x", "FROM x"], [1, 2]],
    ["not itself, when an image has its name", ["FROM a AS b", "FROM c AS c"], [1]],
    ["the target, by name", ["FROM a AS x", "FROM x AS y", "FROM a AS z"], [0, 1], { target: "Y" }],
    ["the target, by number", ["FROM a AS x", "FROM a", "FROM a AS z"], [1], { target: "1" }],
    ["variables", ["ARG V=y", "FROM a AS x", "FROM a AS y", "FROM $V"], [1, 2]],
    [
      "build arguments",
      ["ARG V=y", "FROM a AS x", "FROM a AS y", "FROM $V"],
      [0, 2],
      { buildArgs: { V: "x" } },
    ],
    ["what only the builder can tell", ["FROM a AS x", "FROM a AS amd64", "FROM $TARGETARCH"], [0, 1, 2]],
  ])("are found: %s", (_name, lines, expected, options) => {
    expect(needed(lines, options)).toEqual(expected);
  });
});
