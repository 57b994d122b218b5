import { inspectImage } from "@slipway/registry/image";
import { makeImage } from "@slipway/registry/testing";
import { describe, expect, it } from "vitest";
import { EQUIVALENTS } from "../testing/equivalents.ts";
import { FILE_MUTATIONS } from "../testing/file-mutations.ts";
import { SUBJECT } from "../testing/mutation-subject.ts";
import { secondOpinion, whyNoSecondOpinion } from "./second-opinion.ts";

const missing = await whyNoSecondOpinion();
const name = missing === undefined ? "secondOpinion" : `secondOpinion (not asked: ${missing})`;
const opposite = (id: string) =>
  id.replace(/^(missing|extra):/, (kind) => (kind === "missing:" ? "extra:" : "missing:"));
/** Those that umoci's files show: it knows nothing of times of folders, nor does Node of attributes. */
const visible = FILE_MUTATIONS.filter(
  ({ ids, policy }) => policy?.mtime === undefined && !ids.some((id) => /^(xattr|layers):/.test(id)),
);

describe.skipIf(missing !== undefined)(name, () => {
  it.each(EQUIVALENTS.filter(([what]) => what !== "compression by zstd"))(
    "is that of our reading: %s",
    async (_what, recipe) => {
      const image = makeImage(recipe);
      expect(await secondOpinion(image, await inspectImage(image))).toEqual([]);
    },
  );

  it.each(FILE_MUTATIONS)("is that of our reading: $what", async ({ image }) => {
    expect(await secondOpinion(image, await inspectImage(image))).toEqual([]);
  });

  it.each(visible)("would be another one if we had overlooked $what", async ({ image, ids }) => {
    const overlooking = await inspectImage(makeImage(SUBJECT));
    const found = await secondOpinion(image, overlooking);
    expect(found.map(({ id }) => id).sort()).toEqual(ids.map(opposite).sort());
  });

  it("cannot be had of layers that umoci does not read, and says so", async () => {
    const image = makeImage({ ...SUBJECT, compression: "zstd" });
    await expect(secondOpinion(image, await inspectImage(image))).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining("umoci cannot unpack made image"),
    });
  });
});
