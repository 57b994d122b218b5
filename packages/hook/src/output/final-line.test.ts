import { BuildError } from "@slipway/core";
import { expect, it } from "vitest";
import { finalLine } from "./final-line.ts";

it.each([
  [
    "cause and remedy",
    new BuildError("BUILD_FAILED", "RUN ended with 42", { remedy: "Mend it" }),
    "::error::[BUILD_FAILED] RUN ended with 42. Mend it.",
  ],
  [
    "a cause alone",
    new BuildError("CANCELLED", "The job was cancelled."),
    "::error::[CANCELLED] The job was cancelled.",
  ],
  ["lines and percent signs", new BuildError("INTERNAL", "100%\ndone"), "::error::[INTERNAL] 100%25%0Adone"],
  [
    "a rule to copy",
    new BuildError("PERMISSION_DENIED", "No", { remedy: "Add:\n- verbs: [get]" }),
    "::error::[PERMISSION_DENIED] No. Add:%0A- verbs: [get]",
  ],
  [
    "commands in somebody's text",
    new BuildError("INTERNAL", "a\r::add-mask::e\u0000"),
    "::error::[INTERNAL] a%0A::add-mask::e",
  ],
  ["no text at all", new BuildError("TIMED_OUT", ""), "::error::[TIMED_OUT] a time limit ran out"],
])("tells %s in one line", (_, error, line) => {
  expect(finalLine(error)).toBe(line);
});
