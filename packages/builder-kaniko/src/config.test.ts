import { describe, expect, it } from "vitest";
import { parseKanikoConfig } from "./config.ts";
import { builder } from "./plugin.ts";

describe("parseKanikoConfig", () => {
  it("needs nothing", () => {
    expect(parseKanikoConfig(undefined)).toMatchObject({
      image: "ghcr.io/osscontainertools/kaniko:v1.28.3",
      capabilities: [
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "MKNOD",
        "SETUID",
        "SETGID",
        "SETFCAP",
        "KILL",
        "SYS_CHROOT",
      ],
    });
  });

  it.each([
    [{ imgae: "x" }, "field imgae, is not known", "Use the fields image, version"],
    [{ resources: { limit: {} } }, "field resources.limit, is not known", "Use the fields"],
    [{ image: 5 }, "field image, has to be string, not 5", "Correct image"],
    [{ image: "a b" }, "field image, is not an image name", "Correct image"],
    [{ version: "latest" }, "field version, is not a version", "Correct version"],
    [
      { version: "1.9.0" },
      "The version in the configuration is Kaniko v1.9.0, which is too old",
      "v1.24.0 or newer",
    ],
    [
      { image: "r/kaniko:v1.9.0-debug" },
      "Image r/kaniko:v1.9.0-debug is Kaniko v1.9.0, which is too old",
      "v1.24.0",
    ],
    [{ registryMirrors: ["https://x"] }, "field registryMirrors.0, is not host[:port][/path]", "Correct"],
    [{ registryMirrors: ["--force"] }, undefined, undefined],
    [{ imageDownloadRetry: -1 }, "field imageDownloadRetry,", "Correct"],
    [
      { resources: { limits: { memory: "lots" } } },
      "field resources.limits.memory, is not a quantity",
      "Correct",
    ],
    [{ pullSecretName: "A B" }, "field pullSecretName, is not the name of a Secret", "Correct"],
    [{ extraArgs: ["-v"] }, "field extraArgs.0, is not of the form", "Correct"],
    ["text", "The configuration of kaniko has to be object", "Correct it"],
  ])("refuses %j", (input, message, remedy) => {
    const parse = () => parseKanikoConfig(input);
    if (message === undefined) return expect(parse).not.toThrow();
    expect(parse).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG", message: expect.stringContaining(message) }),
    );
    expect(parse).toThrow(expect.objectContaining({ remedy: expect.stringContaining(remedy) }));
  });

  it.each([
    "--destination=x",
    "--context=dir:///",
    "--digest-file=https://somewhere.example",
    "--image-name-with-digest-file=/x",
    "--image-name-tag-with-digest-file=/x",
    "--no-push=false",
    "--tarPath=/x",
    "--oci-layout-path=/x",
    "--registry-certificate=a=b",
    "--insecure",
    "--skip-tls-verify-pull",
    "--skip-default-registry-fallback",
    "--cache=true",
    "--kaniko-dir=/x",
    "--force",
    "--build-arg=A",
    "--credential-helpers=env",
  ])("refuses %s among extraArgs", (arg) => {
    expect(() => parseKanikoConfig({ extraArgs: [arg] })).toThrow(
      /extraArgs.0, sets a flag that Slipway decides/,
    );
  });

  it.each(["--single-snapshot", "--snapshot-mode=redo", "--compressed-caching=false", "--reproducible"])(
    "takes %s",
    (arg) => {
      expect(parseKanikoConfig({ extraArgs: [arg] }).extraArgs).toEqual([arg]);
    },
  );
});

describe("the plugin's features", () => {
  const featuresOf = (input: unknown) => builder.features(builder.parseConfig(input));

  it.each([
    ["the tag", { image: "kaniko:v1.28.3-slim" }, true],
    ["the version", { image: "kaniko@sha256:0", version: "1.28.3" }, true],
    ["the version, not the tag", { image: "kaniko:v1.28.3", version: "1.24.0" }, false],
    ["caution, where neither tells", { image: "kaniko:latest" }, false],
    ["caution, where the tag is a date", { image: "kaniko:2026.11.3" }, false],
    ["caution, where the tag counts rebuilds", { image: "kaniko:1.28.3-4" }, false],
  ])("come from %s", (_, input, has) => {
    expect(featuresOf(input).includes("copy-heredoc")).toBe(has);
  });

  it("always hold what is translated, and never what Kaniko ignores", () => {
    for (const input of [{ version: "1.24.0" }, { version: "1.28.3" }, { version: "9.9.9" }]) {
      const features = featuresOf(input);
      expect(features).toContain("run-heredoc");
      for (const ignored of [
        "copy-parents",
        "copy-exclude",
        "add-checksum",
        "from-platform",
        "run-mount-tmpfs",
        "run-network",
      ]) {
        expect(features).not.toContain(ignored);
      }
    }
  });
});
