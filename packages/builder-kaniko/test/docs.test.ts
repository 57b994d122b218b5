import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FEATURES, type Feature } from "@slipway/core";
import { expect, it } from "vitest";
import { FIELD_MEANINGS, kanikoDefaults } from "../src/config.ts";
import { RELEASES, supportedFeatures, TRANSLATED } from "../src/kaniko-releases.ts";

const page = join(import.meta.dirname, "../../../docs/kaniko.md");

it("docs/kaniko.md says what the code says (UPDATE_GOLDEN=1 rewrites it)", async () => {
  const text = [...head(), ...configuration(), "", ...features(), ""].join("\n");
  if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(page, text);
  expect(await readFile(page, "utf8")).toBe(text);
});

function head(): string[] {
  return [
    "# Kaniko",
    "",
    "The default builder: unprivileged, in a pod that fits Pod Security `baseline`. This page is made from `packages/builder-kaniko/src`.",
    "",
  ];
}

function configuration(): string[] {
  const defaults = kanikoDefaults();
  return [
    "## `SLIPWAY_BUILDER_CONFIG`",
    "",
    "JSON, or the path of a file with JSON. A field that is not in this table is an error.",
    "",
    "| field | default | meaning |",
    "|---|---|---|",
    ...Object.entries(FIELD_MEANINGS).map(([field, meaning]) => {
      const value = defaults[field];
      return `| \`${field}\` | ${value === undefined ? "none" : `\`${JSON.stringify(value)}\``} | ${meaning} |`;
    }),
  ];
}

function features(): string[] {
  const names = Object.keys(FEATURES) as Feature[];
  const versions = RELEASES.filter(({ features: added }) => added.length > 0).map(({ since }) => since);
  const has = (feature: Feature) =>
    versions.map((version) => {
      if (TRANSLATED.includes(feature)) return "rewritten";
      return supportedFeatures(version).includes(feature) ? "yes" : "refused";
    });
  return [
    "## Features",
    "",
    "What Kaniko lacks it mostly ignores without a word, and the image is wrong. Here it is refused before anything starts, with the line",
    "that needs it; what can be rewritten exactly is rewritten. The column of 1.24.0 comes from its source and from builds on the test bed, the",
    "later ones from their documentation.",
    "",
    `| feature | ${versions.map(({ major, minor, patch }) => `from ${major}.${minor}.${patch}`).join(" | ")} | meaning |`,
    `|---|${versions.map(() => "---|").join("")}---|`,
    ...names.map(
      (name) => `| \`${name}\` | ${has(name).join(" | ")} | ${FEATURES[name].replaceAll("|", "\\|")} |`,
    ),
  ];
}
