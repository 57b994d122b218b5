import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONFORMANCE_CASES } from "../src/kit/cases/all-cases.ts";
import type { ConformanceCase } from "../src/kit/conformance-case.ts";
import { KitRun } from "../src/kit/kit-run.ts";
import { type ReferenceBed, startReferenceBed } from "../src/testing/reference/reference-bed.ts";
import { referenceBuilder } from "../src/testing/reference/reference-builder.ts";

let bed: ReferenceBed;

beforeAll(async () => {
  bed = await startReferenceBed();
});

afterAll(() => bed.close());

function named(id: string): ConformanceCase {
  const found = CONFORMANCE_CASES.find((item) => item.id === id);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found;
}

/** Runs one case with the reference builder, in a place that is changed. */
async function ended(id: string, change: Partial<ReferenceBed["host"]>) {
  const run = new KitRun({
    plugin: referenceBuilder(),
    config: bed.config,
    host: { ...bed.host, ...change },
  });
  const end = await run.run(named(id));
  await run.finish();
  return end;
}

describe("KitRun", () => {
  it("does not pass a builder of which something is still in the cluster", async () => {
    const owners: string[] = [];
    const leftovers = async (owner: string) => {
      owners.push(owner);
      return ["pod kit-build-1"];
    };
    const end = await ended("build/reports-the-pushed-digest", { leftovers });
    expect(end).toMatchObject({
      outcome: "leftovers",
      reason: expect.stringContaining('found 1: "pod kit-build-1"'),
    });
    expect(owners).toEqual([expect.stringMatching(/^kit-[0-9a-f]{10}$/)]);
  });

  it("takes a place that fails for no fault of the builder", async () => {
    const builderHost = () => {
      throw new Error("the API server is gone");
    };
    const end = await ended("build/reports-the-pushed-digest", { builderHost });
    expect(end).toMatchObject({ outcome: "harness-error", reason: "the API server is gone" });
  });

  it.each([
    ["honesty/copy-exclude", {}, "the builder does not declare copy-exclude"],
    [
      "auth/pushes-with-credentials",
      { registry: { name: "r:1" } },
      "it needs a registry that asks for a password",
    ],
    [
      "auth/plain-http-needs-permission",
      { trust: { plainHttp: [] } },
      "it needs a registry that speaks plain HTTP",
    ],
  ])("skips %s, and says what is missing", async (id, change, reason) => {
    expect(await ended(id, change)).toMatchObject({ outcome: "skipped", reason });
  });
});
