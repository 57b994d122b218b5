import { describe, expect, it } from "vitest";
import { withBuiltinFrontend } from "./builtin-frontend.ts";

describe("withBuiltinFrontend", () => {
  it.each([
    ["# syntax=docker/dockerfile:1\nFROM a\n", "# (its own frontend) syntax=docker/dockerfile:1\nFROM a\n"],
    [
      "#syntax = docker/dockerfile:1\r\nFROM a",
      "# (its own frontend) syntax = docker/dockerfile:1\r\nFROM a",
    ],
    [
      "# syntax=docker/dockerfile:1\n# escape=`\nFROM a\n",
      "# escape=`\n# (its own frontend) syntax=docker/dockerfile:1\nFROM a\n",
    ],
    [
      "# escape=`\n# syntax=docker/dockerfile:1\n# comment\nFROM a\n",
      "# escape=`\n# (its own frontend) syntax=docker/dockerfile:1\n# comment\nFROM a\n",
    ],
    [
      "#!/usr/bin/env docker\n# syntax=docker/dockerfile:1\nFROM a\n",
      "#!/usr/bin/env docker\n# (its own frontend) syntax=docker/dockerfile:1\nFROM a\n",
    ],
  ])("makes the directive of %j a comment", (text, expected) => {
    expect(withBuiltinFrontend(text)).toBe(expected);
  });

  it.each(["FROM a\n", "# comment\n# syntax=docker/dockerfile:1\nFROM a\n", "# escape=`\nFROM a\n"])(
    "leaves %j alone",
    (text) => {
      expect(withBuiltinFrontend(text)).toBeUndefined();
    },
  );
});
