import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaseResult, CorpusCase } from "@slipway/conformance";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { differing, madeUpCase, madeUpResult } from "../testing/made-up.ts";
import { bisectCase } from "./bisect-case.ts";

const DOCKERFILE = "FROM scratch\nCOPY a /a\nUSER x\nLABEL a=b\n";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bisect-"));
  await mkdir(join(folder, "context"));
  await writeFile(join(folder, "context/a"), "a");
});
afterEach(() => rm(folder, { recursive: true }));

/** An "image" is the Dockerfile that it was built from. */
async function bisected(run: (text: string, builder: string, item: CorpusCase) => Partial<CaseResult>) {
  const steps: number[] = [];
  const item = madeUpCase("a-case", { folder, expect: { config: { User: "x" } } });
  const found = await bisectCase({
    item,
    dockerfile: DOCKERFILE,
    builders: ["dind", "kaniko"],
    run: async (prefix, builder) => {
      const text = prefix === item ? DOCKERFILE : await readFile(join(prefix.folder, "Dockerfile"), "utf8");
      return madeUpResult(prefix.id, builder, "pass", run(text, builder, prefix));
    },
    compare: async (reference, image) => {
      const lacking = (line: string) => reference.includes(line) && !image.includes(line);
      const ids = [lacking("COPY") ? ["missing:/a"] : [], lacking("USER") ? ["config:User"] : []].flat();
      return differing(...ids).differences;
    },
    onStep: ({ line }) => steps.push(line),
  });
  return { found, steps };
}

describe("a bisection", () => {
  it("names the first instruction after which the images differ, and builds nothing beyond it", async () => {
    const { found, steps } = await bisected((text, builder) => ({
      image: builder === "kaniko" ? text.replace("USER x\n", "") : text,
    }));
    expect(found?.prefix).toMatchObject({ line: 3, instruction: "USER x" });
    expect(found?.differences.map(({ id }) => id)).toEqual(["config:User"]);
    expect(steps).toEqual([2, 3]);
  });

  it("passes over what else differs where the whole image is not as the case says", async () => {
    const { found, steps } = await bisected((text, builder, { folder: of }) => ({
      image: builder === "kaniko" ? text.replace("COPY a /a\n", "").replace("USER x\n", "") : text,
      ...(of === folder ? differing("config:User") : {}),
    }));
    expect(found?.prefix.line).toBe(3);
    expect(found?.differences.map(({ id }) => id)).toEqual(["config:User"]);
    expect(steps).toEqual([2, 3]);
  });

  it("names the instruction that one builder fails at", async () => {
    const error = { code: "BUILD_FAILED", message: "USER failed" } as const;
    const { found } = await bisected((text, builder) =>
      builder === "kaniko" && text.includes("USER") ? { status: "fail", error } : { image: text },
    );
    expect(found?.prefix.line).toBe(3);
    expect(found?.differences).toEqual([
      { id: "error:BUILD_FAILED", expected: "builds", actual: "fails with BUILD_FAILED: USER failed" },
    ]);
  });

  it("finds nothing where both do the same, or fail alike", async () => {
    expect(await bisected((text) => ({ image: text }))).toEqual({ found: undefined, steps: [2, 3, 4] });
    const error = { code: "BUILD_FAILED", message: "no" } as const;
    expect(await bisected(() => ({ status: "fail", error }))).toEqual({ found: undefined, steps: [2] });
  });

  it("builds with the case's own context, and expects nothing of a part", async () => {
    const seen: unknown[] = [];
    await bisected((text, _, { expect: wanted, build, folder: of }) => {
      if (of !== folder) seen.push({ wanted, build });
      return { image: text };
    });
    expect(new Set(seen.map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify({ wanted: {}, build: { dockerfile: "Dockerfile" } })]),
    );
  });

  it("does not take a harness that failed for a difference", async () => {
    await expect(bisected(() => ({ status: "harness-error", reason: "away" }))).rejects.toThrow("away");
  });
});
