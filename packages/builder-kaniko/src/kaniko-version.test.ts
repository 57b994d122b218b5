import { describe, expect, it } from "vitest";
import { formatVersion, versionFromAnswer, versionOfImage } from "./kaniko-version.ts";

describe("versionOfImage", () => {
  it.each([
    ["ghcr.io/osscontainertools/kaniko:v1.28.3", "v1.28.3"],
    ["host:5000/kaniko:1.24.0-debug", "v1.24.0"],
    ["kaniko:v1.28.3@sha256:0123", "v1.28.3"],
    ["kaniko:latest", undefined],
    ["kaniko@sha256:0123", undefined],
    ["10.0.0.1:5000/kaniko", undefined],
    ["host.example:5000/v1.2.3/kaniko", undefined],
  ])("%s is %s", (image, version) => {
    const found = versionOfImage(image);
    expect(found === undefined ? undefined : formatVersion(found)).toBe(version);
  });
});

describe("versionFromAnswer", () => {
  it("reads what `executor version` prints", () => {
    expect(formatVersion(versionFromAnswer("Kaniko version :  v1.24.0\n", "x"))).toBe("v1.24.0");
  });

  it.each([
    ["Kaniko version :  unset", "does not say which version"],
    ["Kaniko version :  v1.9.1", "is too old"],
  ])("refuses %s", (answer, text) => {
    expect(() => versionFromAnswer(answer, "x")).toThrow(text);
  });
});
