import { describe, expect, it } from "vitest";
import { assertBuilderPlugin, assertFeatures, defineBuilder } from "./plugin.ts";

const plugin = defineBuilder({
  apiVersion: 1,
  id: "acme",
  summary: "Builds nothing",
  features: () => ["labels"],
  parseConfig: () => ({}),
  create: () => ({ build: () => Promise.reject(new Error("not here")) }),
});

describe("assertBuilderPlugin", () => {
  it("takes a plugin", () => {
    expect(() => assertBuilderPlugin(plugin, "./acme.js")).not.toThrow();
  });

  it.each([
    [undefined, /no `builder` export/],
    [null, /no `builder` export/],
    ["acme", /no `builder` export/],
    [{ ...plugin, apiVersion: 2 }, /apiVersion is 2, expected 1/],
    [{ ...plugin, id: "Acme" }, /kebab-case/],
    [{ ...plugin, id: undefined }, /kebab-case/],
    [{ ...plugin, features: ["labels"] }, /features is not a function/],
    [{ ...plugin, parseConfig: undefined }, /parseConfig is not a function/],
    [{ ...plugin, create: {} }, /create is not a function/],
  ])("says what is wrong with %j", (value, message) => {
    expect(() => assertBuilderPlugin(value, "./acme.js")).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG", message: expect.stringMatching(message) }),
    );
  });
});

describe("assertFeatures", () => {
  it("names the unknown feature, and the known ones", () => {
    expect(() => assertFeatures(["labels"], "acme")).not.toThrow();
    expect(() => assertFeatures(["labels", "lables"], "acme")).toThrow(
      expect.objectContaining({
        message: 'acme declares the unknown feature "lables"',
        remedy: expect.stringMatching(/labels/),
      }),
    );
    expect(() => assertFeatures(["constructor"], "acme")).toThrow(/unknown feature "constructor"/);
  });
});
