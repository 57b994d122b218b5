import { expect, test } from "vitest";
import { startedAs } from "./started-as.ts";

test.each([
  [
    "a file",
    ["node", "/slipway/agent.cjs", "hold", "{}"],
    [],
    { command: "hold", options: "{}", evaluated: undefined },
  ],
  [
    "an argument",
    ["node", "receive", "{}"],
    ["-e", "code"],
    { command: "receive", options: "{}", evaluated: "code" },
  ],
  [
    "a file with options for node",
    ["node", "a.cjs", "hold", "{}"],
    ["--no-warnings"],
    { command: "hold", options: "{}", evaluated: undefined },
  ],
])("a program that is %s is told apart", (_what, argv, execArgv, expected) => {
  expect(startedAs(argv, execArgv)).toEqual(expected);
});
