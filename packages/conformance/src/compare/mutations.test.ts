import { IMAGE_DEFECTS, inspectImage } from "@slipway/registry/image";
import { makeImage } from "@slipway/registry/testing";
import { describe, expect, it } from "vitest";
import { ARCHIVE_MUTATIONS } from "../testing/archive-mutations.ts";
import { CONFIG_MUTATIONS } from "../testing/config-mutations.ts";
import { EQUIVALENTS } from "../testing/equivalents.ts";
import { FILE_MUTATIONS } from "../testing/file-mutations.ts";
import { MALFORMED_MUTATIONS, UNREADABLE } from "../testing/malformed-mutations.ts";
import { SUBJECT } from "../testing/mutation-subject.ts";
import { compareImages } from "./compare-images.ts";

const subject = await inspectImage(makeImage(SUBJECT));
const opposite = (id: string) =>
  id.replace(/^(missing|extra):/, (kind) => (kind === "missing:" ? "extra:" : "missing:"));

describe("The comparison of images", () => {
  it("has a subject that is well-formed", () => {
    expect(subject.defects).toEqual([]);
  });

  it.each([...CONFIG_MUTATIONS, ...FILE_MUTATIONS])("finds $what, either way round", async (mutation) => {
    const { image, ids, policy } = mutation;
    const mutant = await inspectImage(image);
    expect(compareImages(subject, mutant, policy).map(({ id }) => id)).toEqual(ids);
    expect(
      compareImages(mutant, subject, policy)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(ids.map(opposite).sort());
  });

  it.each([...MALFORMED_MUTATIONS, ...ARCHIVE_MUTATIONS])("finds $what", async ({ image, ids }) => {
    expect(compareImages(subject, await inspectImage(image)).map(({ id }) => id)).toEqual(ids);
  });

  it.each(UNREADABLE)("finds $what, and reads no further", async ({ image, ids }) => {
    const found = compareImages(subject, await inspectImage(image)).map(({ id }) => id);
    expect(found.filter((id) => id.startsWith("malformed:"))).toEqual(ids);
    expect(found.length).toBeGreaterThan(10);
  });

  it.each(EQUIVALENTS)("takes %s for the same", async (_what, recipe) => {
    expect(compareImages(subject, await inspectImage(makeImage(recipe)))).toEqual([]);
  });

  it("says each difference for people, on one line", async () => {
    const mutations = [...CONFIG_MUTATIONS, ...FILE_MUTATIONS, ...MALFORMED_MUTATIONS, ...ARCHIVE_MUTATIONS];
    for (const { image, policy } of mutations) {
      for (const { id, expected, actual } of compareImages(subject, await inspectImage(image), policy)) {
        expect([id, expected, actual].join("")).toMatch(/^\P{Cc}+$/u);
        expect(expected).not.toBe(actual);
      }
    }
  });

  it("has a mutation for every rule of what makes an image malformed", () => {
    const ids = [...MALFORMED_MUTATIONS, ...ARCHIVE_MUTATIONS, ...UNREADABLE].flatMap(
      (mutation) => mutation.ids,
    );
    const tried = new Set(ids.filter((id) => id.startsWith("malformed:")).map((id) => id.split(":")[1]));
    expect(Object.keys(IMAGE_DEFECTS).filter((rule) => !tried.has(rule))).toEqual([]);
  });
});
