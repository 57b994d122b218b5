import { bytePath } from "@slipway/core";
import { describe, expect, it } from "vitest";
import { pathOf, shownPath } from "./shown-path.ts";

describe("shownPath", () => {
  it.each([
    ["etc/passwd", "/etc/passwd"],
    ["", "/"],
    [bytePath("café/日本"), "/café/日本"],
    ["caf\xe9", "/caf\\xe9"],
    ["a\nb\tc", "/a\\x0ab\\x09c"],
    ["a\\b", "/a\\b"],
    ["a\\x41", "/a\\x5cx41"],
    [bytePath("a\u202eb\u0085"), "/a\\xe2\\x80\\xaeb\\xc2\\x85"],
    ["\xff\x80 \x7f", "/\\xff\\x80 \\x7f"],
  ])("shows %j as %s, and finds the bytes again", (path, shown) => {
    expect(shownPath(path)).toBe(shown);
    expect(pathOf(shown)).toBe(path);
  });
});
