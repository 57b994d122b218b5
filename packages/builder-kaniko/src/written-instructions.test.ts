import { describe, expect, it } from "vitest";
import { writtenInstructions } from "./written-instructions.ts";

describe("writtenInstructions", () => {
  const original = [
    "FROM a",
    "RUN <<EOF",
    "exit 3",
    "EOF",
    "RUN one && \\",
    "   two",
    "RUN same",
    "RUN  same",
    "",
  ].join("\n");
  const rewritten = original.replace("<<EOF\nexit 3\nEOF", '["/bin/sh","-c","exit 3\\n"]\n\n');
  const find = writtenInstructions(original, rewritten);

  it.each([
    ['RUN ["/bin/sh","-c","exit 3\\n"]', { line: 2, text: "RUN <<EOF" }],
    ["RUN one &&    two", { line: 5, text: "RUN one &&    two" }],
    ["RUN same", undefined],
    ["RUN of somebody else", undefined],
  ])("finds what stands behind %j", (printed, written) => {
    expect(find(printed)).toEqual(written);
  });
});
