import { BuildError, type BuilderPlugin } from "@slipway/core";
import { describe, expect, it } from "vitest";
import { configureBuilder } from "./builder-config.ts";
import { builtinBuilder } from "./builtins.ts";

function plugin(parseConfig: (input: unknown) => unknown, features: readonly string[] = ["labels"]) {
  const made = {
    apiVersion: 1,
    id: "acme",
    summary: "",
    features: () => features,
    parseConfig,
    create: () => ({}),
  };
  return made as unknown as BuilderPlugin;
}

function throws(error: unknown): BuilderPlugin {
  return plugin(() => {
    throw error;
  });
}

const withIssues = (...path: unknown[]) =>
  Object.assign(new Error('[\n  {"code":"bad"}\n]'), { issues: [{ message: "must be text", path }] });

describe("configureBuilder", () => {
  it("gives what the builder made of it, and its features", () => {
    const made = configureBuilder(
      plugin((input) => ({ input })),
      { image: "a" },
    );
    expect(made).toEqual({ config: { input: { image: "a" } }, features: ["labels"] });
  });

  it.each([
    ["an error of its own", new Error("image must be text\nat 1"), "image must be text"],
    ["a text", "image must be text", "image must be text"],
    ["a BuildError", new BuildError("UNSUPPORTED_FEATURE", "image is bad"), "image is bad"],
    ["a list of issues", withIssues("image", 0), "field image.0: must be text"],
    ["a list of issues with keys", withIssues({ key: "image" }, { key: 0 }), "field image.0: must be text"],
    ["an issue of the whole", withIssues(), "must be text"],
  ])("names the setting where the builder throws %s", (_, error, reason) => {
    expect(() => configureBuilder(throws(error), {})).toThrow(
      expect.objectContaining({
        code: "INVALID_CONFIG",
        message: `SLIPWAY_BUILDER_CONFIG is not what the builder acme takes: ${reason}`,
        remedy: expect.stringContaining("SLIPWAY_BUILDER_CONFIG"),
        cause: error,
      }),
    );
  });

  it("keeps the words of a builder that names the setting, and the cure of one that has it", () => {
    const kaniko = builtinBuilder("kaniko") as BuilderPlugin;
    expect(() => configureBuilder(kaniko, { imgae: "a" })).toThrow(
      "The configuration of kaniko, field imgae, is not known",
    );
    const own = new BuildError("INVALID_CONFIG", "SLIPWAY_BUILDER_CONFIG lacks image", { remedy: "Add it" });
    expect(() => configureBuilder(throws(own), {})).toThrow(own);
    const cured = new BuildError("INVALID_CONFIG", "image is missing", { remedy: "Name an image" });
    expect(() => configureBuilder(throws(cured), {})).toThrow(
      expect.objectContaining({ remedy: "Name an image" }),
    );
  });

  it("refuses a feature that there is not", () => {
    expect(() =>
      configureBuilder(
        plugin(() => ({}), ["lables"]),
        {},
      ),
    ).toThrow('The builder acme declares the unknown feature "lables"');
  });
});
