import { expect, it } from "vitest";
import { shellWords } from "./shell-words.ts";

it.each([
  ["", []],
  ["  a  b\n\tc ", ["a", "b", "c"]],
  [`--health-cmd "redis-cli ping"`, ["--health-cmd", "redis-cli ping"]],
  [`--health-cmd='pg_isready -U "x"' y`, [`--health-cmd=pg_isready -U "x"`, "y"]],
  [`"a \\"b\\" c" d\\ e`, [`a "b" c`, "d e"]],
  [`"C:\\dir\\\\"`, ["C:\\dir\\"]],
  [`'' ""`, ["", ""]],
  [`a"b`, ["ab"]],
  [`'open`, ["open"]],
  ["trailing\\", ["trailing"]],
])("%j are %j", (text, words) => {
  expect(shellWords(text)).toEqual(words);
});
