import { describe, expect, it } from "vitest";
import { kitSettings } from "./settings.ts";

describe("kitSettings", () => {
  it("is a registry in memory where nothing is set", () => {
    expect(kitSettings({})).toEqual({ plainHttp: false });
  });

  it("takes a registry, its credential and a base image", () => {
    const env = {
      CONFORMANCE_REGISTRY: "r:5000",
      CONFORMANCE_PLAIN_HTTP: "true",
      CONFORMANCE_REGISTRY_USERNAME: "u",
      CONFORMANCE_REGISTRY_PASSWORD: "p",
      CONFORMANCE_BASE: "busybox:1.37",
    };
    expect(kitSettings(env)).toEqual({
      registry: "r:5000",
      plainHttp: true,
      credential: { username: "u", password: "p" },
      base: "busybox:1.37",
    });
  });

  it.each([
    [{ CONFORMANCE_PLAIN_HTTP: "yes" }, 'CONFORMANCE_PLAIN_HTTP is "yes"'],
    [
      { CONFORMANCE_REGISTRY_USERNAME: "u" },
      "One of CONFORMANCE_REGISTRY_USERNAME and CONFORMANCE_REGISTRY_PASSWORD is not set",
    ],
  ])("refuses %j", (env, message) => {
    expect(() => kitSettings(env)).toThrow(expect.objectContaining({ code: "INVALID_CONFIG", message }));
  });
});
