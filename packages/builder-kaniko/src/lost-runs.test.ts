import { describe, expect, it } from "vitest";
import { assertRunsKept } from "./lost-runs.ts";

const OLD = { major: 1, minor: 24, patch: 0 };
const NEW = { major: 1, minor: 28, patch: 0 };

describe("a RUN whose result Kaniko would lose", () => {
  it.each([
    ["a group of USER", "FROM a\nUSER 7:8\nRUN b\n", 3, /USER 7:8/],
    ["one of the stage below", "FROM a AS b\nUSER node:staff\nFROM B AS c\nFROM c\nRUN d\n", 5, /node:staff/],
    ["one by variables", "ARG B=x\nFROM a AS x\nARG G=8\nUSER 7:$G\nFROM $B\nRUN c\n", 6, /USER 7:8/],
    ["Kaniko's folder", "FROM a\nRUN mkdir -p /kaniko/b\n", 2, /\/kaniko/],
    ["Kaniko's folder in quotes", 'FROM a\nRUN ["touch", "/kaniko/b"]\n', 2, /\/kaniko/],
    ["Kaniko's folder as working folder", "FROM a\nWORKDIR /kaniko\n", 2, /\/kaniko/],
  ])("is refused with its line and a cure: %s", (_, dockerfile, line, message) => {
    const check = () => assertRunsKept(dockerfile, OLD);
    expect(check).toThrow(message);
    expect(check).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_FEATURE", details: { line }, remedy: expect.any(String) }),
    );
  });

  it.each([
    ["no RUN after USER", "FROM a\nRUN b\nUSER 7:8\n"],
    ["the user's own group", "FROM a\nUSER node:node\nRUN b\nUSER 1000:1000\nRUN b\nUSER root:0\nRUN b\n"],
    ["no group", "FROM a\nUSER node\nRUN b\n"],
    ["a stage that begins anew", "FROM a AS b\nUSER 7:8\nFROM a\nRUN c\n"],
    [
      "folders and addresses with kaniko in them",
      "FROM a\nRUN cd /opt/kaniko && curl https://x.example/kaniko && cd /kaniko-x\n",
    ],
  ])("is not taken for one: %s", (_, dockerfile) => {
    expect(() => assertRunsKept(dockerfile, OLD)).not.toThrow();
  });

  it("has its group with a newer Kaniko", () => {
    expect(() => assertRunsKept("FROM a\nUSER 7:8\nRUN b\n", NEW)).not.toThrow();
  });
});
