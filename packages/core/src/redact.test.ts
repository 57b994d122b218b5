import { describe, expect, it } from "vitest";
import { redactEvent, redactor } from "./redact.ts";

const secret = "hunter2-and-more";
const redact = redactor([secret]);

describe("redactor", () => {
  it.each([
    ["plain", secret],
    ["base64", Buffer.from(secret).toString("base64")],
    ["base64url", Buffer.from(secret).toString("base64url")],
    ...["u:", "ab:", "abc:", "user:"].map((user) => [
      `base64 after ${user}`,
      Buffer.from(`${user}${secret}`).toString("base64"),
    ]),
  ])("blanks out a secret: %s", (_, text = "") => {
    const clean = redact(`before ${text} after ${text}`);
    expect(clean).toMatch(/^before .*\*\*\*.* after .*\*\*\*/);
    expect(clean).not.toContain(text);
    expect(Buffer.from(text, "base64").includes(secret) && clean.includes(text.slice(8, 20))).toBe(false);
  });

  it("blanks out every line of a key file, and its JSON form", () => {
    const clean = redactor(["line-one\nline-two\r\nab\n"]);
    expect(clean("x line-two y")).toBe("x *** y");
    expect(clean("line-one")).toBe("***");
    expect(redactor(['a"b\nc-d'])(JSON.stringify('a"b\nc-d'))).toBe('"***"');
  });

  it("leaves no rest of a secret that contains another one", () => {
    expect(redactor(["abcd", "abcdefgh"])("abcdefgh abcd")).toBe("*** ***");
  });

  it("leaves short fragments and ordinary text alone", () => {
    expect(redactor(["abc", "", "   ", "\n"])("abc a b   c\n")).toBe("abc a b   c\n");
    expect(redactor(["$&.*"])("$&.*x")).toBe("***x");
  });
});

describe("redactEvent", () => {
  it("cleans what an event says", () => {
    expect(redactEvent({ type: "log", line: secret }, redact)).toEqual({ type: "log", line: "***" });
    expect(redactEvent({ type: "notice", message: secret }, redact)).toEqual({
      type: "notice",
      message: "***",
    });
    expect(redactEvent({ type: "phase", phase: "build" }, redact)).toEqual({ type: "phase", phase: "build" });
  });
});
