import { isBuildError } from "@slipway/core";
import { describe, expect, it } from "vitest";
import { adaptMetadata } from "./adapt-metadata.ts";

describe("adaptMetadata", () => {
  it.each([
    ["EXPOSE 8000-8002", "EXPOSE 8000/tcp 8001/tcp 8002/tcp"],
    ["EXPOSE 80 81/UDP", "EXPOSE 80/tcp 81/udp"],
    ['ENV p="3000 4000/udp"\nEXPOSE $p', 'ENV p="3000 4000/udp"\nEXPOSE 3000/tcp 4000/udp'],
    ["EXPOSE 8080:80", "EXPOSE 80/tcp"],
    ["EXPOSE 80/tcp", "EXPOSE 80/tcp"],
    ["EXPOSE $unknown", "EXPOSE $unknown"],
    ["EXPOSE 1 \\\n  2\nRUN x", "EXPOSE 1/tcp 2/tcp\n\nRUN x"],
    ["COPY a /b/", "COPY a /b/"],
  ])("makes of %j what Kaniko takes for the same", (before, after) => {
    expect(adaptMetadata(`FROM x\n${before}\n`, {})).toBe(`FROM x\n${after}\n`);
  });

  it.each<[string, string]>([
    ["FROM x\nLABEL a=1\n", 'FROM x\nLABEL a=1\n\nLABEL "a"="2"'],
    ["FROM x\nLABEL a=1", 'FROM x\nLABEL a=1\nLABEL "a"="2"'],
    ["FROM x AS t\nLABEL a=1\nFROM y\n", 'FROM x AS t\nLABEL a=1\nLABEL "a"="2"\nFROM y\n'],
    ["FROM x\nRUN y\n", "FROM x\nRUN y\n"],
    ["FROM x\nLABEL a=1 \\\n", "FROM x\nLABEL a=1 \\\n"],
  ])("lets labels of the request win in %j", (before, after) => {
    const target = before.includes("AS t") ? { target: "T" } : {};
    expect(adaptMetadata(before, { labels: { a: "2" }, ...target })).toBe(after);
  });

  it("keeps every character of a label", () => {
    const text = adaptMetadata("FROM x\nLABEL a=1", { labels: { "k y": 'a "b" $c \\d' } });
    expect(text.split("\n").at(-1)).toBe(String.raw`LABEL "k y"="a \"b\" \$c \\d"`);
  });

  it.each([
    ["FROM x\nEXPOSE 1/sctp\n", 2, /SCTP/],
    ["FROM x\nEXPOSE 1-65535\n", 2, /too many/],
    ["# escape=`\nFROM x\nENV p=C:\\dir\n", 3, /escape character in ENV/],
    ['# escape=`\nFROM x\nLABEL a="`""\n', 3, /escape character in LABEL/],
  ])("refuses %j, with the line", (dockerfile, line, message) => {
    const error = errorOf(() => adaptMetadata(dockerfile, {}));
    expect(error).toMatchObject({ code: "UNSUPPORTED_FEATURE", details: { line } });
    expect(error.message).toMatch(message);
  });

  it("moves volumes and adds labels, in this order", () => {
    const text = adaptMetadata("FROM x\nVOLUME /a\nLABEL b=1\nRUN c", { labels: { b: "2" } });
    expect(text).toBe('FROM x\n\nLABEL b=1\nRUN c\nVOLUME ["/a"]\nLABEL "b"="2"');
  });

  it("leaves another escape character alone where it continues lines only", () => {
    const dockerfile = "# escape=`\nFROM x\nRUN a `\n  b\nENV a=1 `\n  b=2\n";
    expect(adaptMetadata(dockerfile, {})).toBe(dockerfile);
  });
});

function errorOf(action: () => unknown) {
  try {
    action();
  } catch (error) {
    if (isBuildError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
