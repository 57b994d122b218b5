import { expect, test } from "vitest";
import { parseChallenges } from "./challenge.ts";

test.each([
  [undefined, []],
  ["", []],
  ['Basic realm="a, b"', [{ scheme: "basic", parameters: { realm: "a, b" } }]],
  [
    'Bearer realm="https://a/token",service="s",scope="repository:a:pull,push"',
    [
      {
        scheme: "bearer",
        parameters: { realm: "https://a/token", service: "s", scope: "repository:a:pull,push" },
      },
    ],
  ],
  [
    'Basic realm="x", BEARER Realm=https://a/t , service = "q\\"uote"',
    [
      { scheme: "basic", parameters: { realm: "x" } },
      { scheme: "bearer", parameters: { realm: "https://a/t", service: 'q"uote' } },
    ],
  ],
  [
    "Negotiate, Basic realm=x",
    [
      { scheme: "negotiate", parameters: {} },
      { scheme: "basic", parameters: { realm: "x" } },
    ],
  ],
  ['realm="no scheme"', []],
])("%s", (header, expected) => {
  expect(parseChallenges(header)).toEqual(expected);
});
