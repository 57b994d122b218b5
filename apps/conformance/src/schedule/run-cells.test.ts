import type { CaseResult } from "@slipway/conformance";
import { BuildError } from "@slipway/core";
import { describe, expect, it } from "vitest";
import { differing, madeUpCase, madeUpResult } from "../testing/made-up.ts";
import { type RunCellsOptions, runCells, type Stopped } from "./run-cells.ts";

const CASES = ["a", "b", "c"].map((id) => madeUpCase(id));
const AWAY = {
  reason: "it does not answer",
  error: { code: "CLUSTER_UNAVAILABLE", message: "it does not answer" },
} as const;

interface Ran {
  readonly stopped: Stopped | undefined;
  /** Every cell that was built, in order. */
  readonly built: readonly string[];
  readonly recorded: readonly CaseResult[];
}

async function ran(options: Partial<RunCellsOptions>): Promise<Ran> {
  const built: string[] = [];
  const recorded: CaseResult[] = [];
  const run = options.run ?? (async (item, builder) => madeUpResult(item.id, builder));
  const stopped = await runCells({
    cases: CASES,
    builders: ["dind", "kaniko"],
    jobs: 1,
    earlier: [],
    signal: new AbortController().signal,
    compare: async (results) => results,
    onStart: () => undefined,
    onResult: () => undefined,
    onCase: (results) => recorded.push(...results),
    ...options,
    run: (item, builder, signal) => {
      built.push(`${item.id} ${builder}`);
      return run(item, builder, signal);
    },
  });
  return { stopped, built, recorded };
}

describe("runCells", () => {
  it("builds every case with every builder, the reference first", async () => {
    const { built, recorded, stopped } = await ran({});
    expect(built).toEqual(["a dind", "a kaniko", "b dind", "b kaniko", "c dind", "c kaniko"]);
    expect(recorded).toHaveLength(6);
    expect(stopped).toBeUndefined();
  });

  it("takes over what an earlier part has finished, and repeats a case that it has half of", async () => {
    const earlier = [madeUpResult("a", "dind"), madeUpResult("a", "kaniko"), madeUpResult("b", "dind")];
    expect((await ran({ earlier })).built).toEqual(["b dind", "b kaniko", "c dind", "c kaniko"]);
  });

  it("builds several cases at a time, and no more than it may", async () => {
    let running = 0;
    let most = 0;
    await ran({
      jobs: 2,
      run: async (item, builder) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return madeUpResult(item.id, builder);
      },
    });
    expect(most).toBe(2);
  });

  it.each(["timeout", "harness-error"] as const)("tries once more after %s, and says so", async (status) => {
    let tries = 0;
    const { recorded } = await ran({
      cases: [madeUpCase("a")],
      builders: ["kaniko"],
      run: async () => {
        tries += 1;
        return madeUpResult("a", "kaniko", tries === 1 ? status : "pass");
      },
    });
    expect(recorded).toEqual([madeUpResult("a", "kaniko", "pass", { attempts: 2 })]);
  });

  it("tries once more where the output of the image is all that differs", async () => {
    const { built } = await ran({
      cases: [madeUpCase("a")],
      builders: ["kaniko"],
      run: async () => madeUpResult("a", "kaniko", "differs", differing("run:stdout")),
    });
    expect(built).toHaveLength(2);
  });

  it("does not try again what tells of the builder", async () => {
    const { built } = await ran({
      cases: [madeUpCase("a")],
      builders: ["kaniko"],
      run: async () => madeUpResult("a", "kaniko", "differs", differing("run:stdout", "mode:/a")),
    });
    expect(built).toEqual(["a kaniko"]);
  });

  it("ends when the cluster is away, and records nothing of the case that it was away for", async () => {
    const { stopped, built, recorded } = await ran({
      run: async (item, builder) =>
        item.id === "b" && builder === "kaniko"
          ? madeUpResult("b", "kaniko", "harness-error", AWAY)
          : madeUpResult(item.id, builder),
    });
    expect(stopped).toBe("cluster-away");
    expect(built).toEqual(["a dind", "a kaniko", "b dind", "b kaniko"]);
    expect(recorded.filter(({ status }) => status === "pass").map((one) => one.case)).not.toContain("c");
  });

  it("ends when one harness error follows the other", async () => {
    const cases = Array.from({ length: 50 }, (_, at) => madeUpCase(`case-${at}`));
    const { stopped, built } = await ran({
      cases,
      run: async (item, builder) => madeUpResult(item.id, builder, "harness-error", { reason: "no" }),
    });
    expect(stopped).toBe("harness-broken");
    expect(built.length).toBeLessThan(20);
  });

  it("ends after a cancel, without a result for what was being built", async () => {
    const controller = new AbortController();
    const { stopped, recorded } = await ran({
      signal: controller.signal,
      run: async (item, builder) => {
        if (item.id === "a") return madeUpResult(item.id, builder);
        controller.abort();
        throw new BuildError("CANCELLED", "cancelled");
      },
    });
    expect(stopped).toBe("cancelled");
    expect(recorded.map((one) => one.case)).toEqual(["a", "a"]);
  });

  it("lets a defect of its own through", async () => {
    await expect(ran({ compare: () => Promise.reject(new Error("a defect")) })).rejects.toThrow("a defect");
  });
});
