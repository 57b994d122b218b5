import { describe, expect, it } from "vitest";
import { asksForPlatform, ownPlatform, writePlatform } from "./platform-args.ts";

const written = (...lines: string[]) => writePlatform(lines.join("\n"), "linux/arm/v7").split("\n");

describe("writePlatform", () => {
  it.each([
    ["ARG TARGETARCH", "ARG TARGETARCH=arm"],
    [
      "arg  TARGETPLATFORM X=1 BUILDVARIANT TARGETOS",
      "arg TARGETPLATFORM=linux/arm/v7 X=1 BUILDVARIANT=v7 TARGETOS=linux",
    ],
    ["ARG TARGETARCH=mine", "ARG TARGETARCH=mine"],
    ['ARG X="a TARGETARCH b"', 'ARG X="a TARGETARCH b"'],
    ["ARG OTHER", "ARG OTHER"],
    ["RUN echo $TARGETARCH", "RUN echo $TARGETARCH"],
  ])("makes of %s in a stage %s", (line, expected) => {
    expect(written("FROM x", line)).toEqual(["FROM x", expected]);
  });

  it("keeps a value that the Dockerfile gives before the first FROM", () => {
    const lines = ["ARG TARGETARCH=mine", "FROM x-$TARGETARCH", "ARG TARGETARCH"];
    expect(written(...lines)).toEqual(lines);
  });

  it("knows the platform in FROM, whether it was declared or not", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a Dockerfile's.
    expect(written("FROM a-${TARGETOS}-$BUILDARCH AS b")).toEqual(["FROM a-linux-arm AS b"]);
    expect(written("ARG TARGETOS", "FROM --platform=$TARGETPLATFORM a-$TARGETOS")).toEqual([
      "ARG TARGETOS=linux",
      "FROM --platform=$TARGETPLATFORM a-$TARGETOS",
    ]);
  });

  it("leaves every line its number", () => {
    expect(written("FROM x", "ARG TARGETOS \\", "  TARGETARCH", "RUN y")).toEqual([
      "FROM x",
      "ARG TARGETOS=linux TARGETARCH=arm",
      "",
      "RUN y",
    ]);
  });
});

describe("asksForPlatform", () => {
  it.each([
    ["FROM x\nARG TARGETARCH", true],
    ["FROM x-$TARGETOS", true],
    ["FROM x\nRUN echo TARGETARCH", false],
    ["ARG MY_TARGETARCH\nFROM x", false],
  ])("of %j is %s", (text, expected) => {
    expect(asksForPlatform(text)).toBe(expected);
  });
});

it("names the platform of this machine as images do", () => {
  expect(ownPlatform()).toMatch(/^linux\/(amd64|arm64|arm\/v7|386|ppc64|s390x|riscv64|loong64|mips\w*)$/);
});
