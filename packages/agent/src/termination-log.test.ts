import { BuildError } from "@slipway/core";
import { expect, test } from "vitest";
import { errorLine, MAX_TERMINATION_BYTES } from "./termination-log.ts";

test.each([
  ["a short message", "x"],
  ["a long message", "x".repeat(10_000)],
  ["control characters, which JSON writes as six bytes", "\u0001".repeat(10_000)],
  ["letters of four bytes", "😀".repeat(5_000)],
])("%s becomes one line that fits a termination message", (_what, text) => {
  const line = errorLine(new BuildError("INTERNAL", text, { remedy: text }));
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_TERMINATION_BYTES);
  expect(JSON.parse(line).error.code).toBe("INTERNAL");
  expect(line).not.toContain("\n");
});
