import { expect, it } from "vitest";
import { together } from "./together.ts";

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
}

it("resolves with all results, in order", async () => {
  const { signal } = new AbortController();
  expect(await together(signal, [async () => 1, async () => "two"])).toEqual([1, "two"]);
});

it("rejects with what failed first, after the others were told", async () => {
  const { signal } = new AbortController();
  const cause = new Error("cause");
  await expect(together(signal, [untilAborted, () => Promise.reject(cause)])).rejects.toBe(cause);
});

it("rejects with the reason of an abort", async () => {
  const controller = new AbortController();
  const cause = new Error("cancelled");
  const waiting = together(controller.signal, [untilAborted, untilAborted]);
  controller.abort(cause);
  await expect(waiting).rejects.toBe(cause);
});
