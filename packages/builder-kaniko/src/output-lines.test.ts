import { expect, it } from "vitest";
import { isExecutorLine } from "./output-lines.ts";

it.each([
  ["\u001b[36mINFO\u001b[0m[0000] RUN make", true],
  ["INFO[0012] Taking snapshot of full filesystem...", true],
  ["\u001b[33mWARN\u001b[0m[0007] Failed to retrieve image", true],
  ["INFO: all is well", false],
  ["  INFO[0000] indented", false],
  ["error building image: x", false],
])("tells whether %j is the executor's", (line, expected) => {
  expect(isExecutorLine(line)).toBe(expected);
});
