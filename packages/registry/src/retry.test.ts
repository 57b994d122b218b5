import { BuildError } from "@slipway/core";
import { describe, expect, test } from "vitest";
import { retryAfterMs, retrying, TransientFailure } from "./retry.ts";
import { TestClock } from "./testing/index.ts";

const error = new BuildError("REGISTRY_UNAVAILABLE", "it fails", { remedy: "wait" });

function run(times: number, { retryAfterMs }: { retryAfterMs?: number } = {}, random = 1) {
  const clock = new TestClock();
  const policy = { clock, random: () => random, budgetMs: 60_000, maxAttempts: 6 };
  let left = times;
  const result = retrying(policy, undefined, async () => {
    if (left-- > 0) throw new TransientFailure(error, { retryAfterMs });
    return "done";
  });
  return { clock, result };
}

describe("retrying", () => {
  test("waits twice as long each time, up to a limit", async () => {
    const { clock, result } = run(5);
    expect(await result).toBe("done");
    expect(clock.sleeps).toEqual([250, 500, 1000, 2000, 4000]);
  });

  test("spreads the waiting over the whole range", async () => {
    const { clock, result } = run(2, {}, 0.1);
    await result;
    expect(clock.sleeps).toEqual([25, 50]);
  });

  test("honours Retry-After, and gives up at once where it is beyond the budget", async () => {
    const { clock, result } = run(1, { retryAfterMs: 30_000 });
    await result;
    expect(clock.sleeps).toEqual([30_000]);
    const long = run(1, { retryAfterMs: 61_000 });
    await expect(long.result).rejects.toBe(error);
    expect(long.clock.sleeps).toEqual([]);
  });

  test("gives up after its attempts with the code and remedy of the last failure", async () => {
    await expect(run(6).result).rejects.toMatchObject({
      code: "REGISTRY_UNAVAILABLE",
      message: "it fails, in each of 6 attempts",
      remedy: "wait",
    });
  });

  test("does not repeat any other error", async () => {
    const { clock } = run(0);
    const policy = { clock, random: () => 1, budgetMs: 1, maxAttempts: 5 };
    await expect(retrying(policy, undefined, () => Promise.reject(error))).rejects.toBe(error);
  });

  test("is CANCELLED by its signal while it waits", async () => {
    const abort = new AbortController();
    const clock = {
      now: () => 0,
      after: () => {
        queueMicrotask(() => abort.abort());
        return () => undefined;
      },
    };
    const policy = { clock, random: () => 1, budgetMs: 1e6, maxAttempts: 5 };
    const work = () => Promise.reject(new TransientFailure(error));
    await expect(retrying(policy, abort.signal, work)).rejects.toMatchObject({ code: "CANCELLED" });
  });
});

test.each([
  [undefined, undefined],
  ["3", 3000],
  ["0", 0],
  ["-1", 0],
  ["Thu, 01 Jan 1970 00:01:40 GMT", 90_000],
  ["Thu, 01 Jan 1970 00:00:01 GMT", 0],
  ["soon", undefined],
])("Retry-After %s at ten seconds past the epoch is %s ms", (header, expected) => {
  expect(retryAfterMs(header, 10_000)).toBe(expected);
});
