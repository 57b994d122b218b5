import { describe, expect, it } from "vitest";
import { parseDindConfig } from "./config.ts";
import { builder } from "./plugin.ts";

const accepted = { acceptPrivileged: true };

describe("parseDindConfig", () => {
  it("needs nothing but to be accepted", () => {
    expect(parseDindConfig(accepted)).toMatchObject({
      image: "docker.io/library/docker:29.2.0-dind",
      variant: "privileged",
      storage: "20Gi",
      startSeconds: 60,
    });
  });

  it.each([undefined, {}, { acceptPrivileged: false }])("says what it means before it takes %j", (input) => {
    expect(() => parseDindConfig(input)).toThrow(
      expect.objectContaining({
        code: "INVALID_CONFIG",
        message: expect.stringContaining("privileged container"),
        remedy: expect.stringContaining('"acceptPrivileged": true in SLIPWAY_BUILDER_CONFIG'),
        details: { field: "acceptPrivileged" },
      }),
    );
  });

  it("takes the rootless image for the rootless variant, unless another is named", () => {
    expect(parseDindConfig({ ...accepted, variant: "rootless" }).image).toBe(
      "docker.io/library/docker:29.2.0-dind-rootless",
    );
    expect(parseDindConfig({ ...accepted, variant: "rootless", image: "mine:1" }).image).toBe("mine:1");
  });

  it.each([
    [{ acceptPrivileged: "yes" }, "field acceptPrivileged, has to be boolean", "Correct acceptPrivileged"],
    [
      { ...accepted, imgae: "x" },
      "field imgae, is not known",
      "Use the fields acceptPrivileged, variant, image",
    ],
    [{ ...accepted, variant: "tcp" }, "field variant, has to be ", "Correct variant"],
    [{ ...accepted, storage: "much" }, "field storage, is not a quantity", "Correct storage"],
    [
      { ...accepted, registryMirrors: ["http://x"] },
      "field registryMirrors.0, is not host[:port]",
      "Correct",
    ],
    [{ ...accepted, registryMirrors: ["x/path"] }, "field registryMirrors.0, is not host[:port]", "Correct"],
    [{ ...accepted, startSeconds: 1 }, "field startSeconds,", "Correct startSeconds"],
    [{ ...accepted, version: "new" }, "field version, is not a version", "Correct version"],
    [{ ...accepted, version: "20.10.24" }, "is Docker 20.10.24, which is too old", "26.0.0 or newer"],
    [
      { ...accepted, image: "docker:24.0.9-dind" },
      "Image docker:24.0.9-dind is Docker 24.0.9",
      "26.0.0 or newer",
    ],
  ])("refuses %j", (input, message, remedy) => {
    expect(() => parseDindConfig(input)).toThrow(
      expect.objectContaining({
        code: "INVALID_CONFIG",
        message: expect.stringContaining(message),
        remedy: expect.stringContaining(remedy),
      }),
    );
  });
});

describe("features", () => {
  const featuresOf = (image: string, more: object = {}) =>
    builder.features(builder.parseConfig({ ...accepted, image, ...more }));

  it.each([
    ["docker:26.1.5-dind", false],
    ["docker:28.5.0-dind", false],
    ["docker:29.1.0-dind", true],
    ["r.example:5000/docker:29.2.0-dind@sha256:abc", true],
    ["docker:dind", false],
    ["docker:29-dind", false],
  ])("%s may be asked for COPY --parents: %s", (image, has) => {
    expect(featuresOf(image).includes("copy-parents")).toBe(has);
  });

  it("come from the version where the tag does not tell", () => {
    expect(featuresOf("mine:latest", { version: "29.2" })).toContain("copy-parents");
  });

  it("hold nothing for which the daemon would have to hand out more than a build needs", () => {
    expect(featuresOf("docker:29.2.0-dind")).not.toContain("run-security");
    expect(featuresOf("docker:29.2.0-dind")).not.toContain("run-device");
  });
});
