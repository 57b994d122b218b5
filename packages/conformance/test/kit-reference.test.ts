import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONFORMANCE_CASES } from "../src/kit/cases/all-cases.ts";
import { KitRun } from "../src/kit/kit-run.ts";
import { type ReferenceBed, startReferenceBed } from "../src/testing/reference/reference-bed.ts";
import { referenceBuilder } from "../src/testing/reference/reference-builder.ts";

let bed: ReferenceBed;

beforeAll(async () => {
  bed = await startReferenceBed();
});

afterAll(() => bed.close());

describe("the reference builder", () => {
  it("passes every case, but for those of features that it does not declare", {
    timeout: 120_000,
  }, async () => {
    const run = new KitRun({ plugin: referenceBuilder(), config: bed.config, host: bed.host });
    const unlike: string[] = [];
    for (const item of CONFORMANCE_CASES) {
      const { outcome, reason = "" } = await run.run(item);
      const undeclared = item.requires.some((feature) => !run.features.includes(feature));
      if (outcome !== (undeclared ? "skipped" : "pass")) unlike.push(`${item.id}: ${outcome}: ${reason}`);
    }
    expect(unlike).toEqual([]);
    expect(await run.finish()).toEqual([]);
  });
});
