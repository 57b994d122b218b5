import { describe, expect, it } from "vitest";
import { elapsed } from "./elapsed.ts";
import { Progress } from "./progress.ts";

describe("Progress", () => {
  it("counts steps, and tells made, kept and failed apart", async () => {
    const lines: string[] = [];
    const progress = new Progress(3, { write: (text: string) => lines.push(text.replace(/[\d.]+ s/, "T")) });
    await progress.step("one", async () => undefined);
    await progress.step("two", async ({ kept }) => kept());
    await expect(progress.step("three", async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(lines).toEqual([
      "[1/3] one …\n",
      "[1/3] one: done in T\n",
      "[2/3] two …\n",
      "[2/3] two: there already\n",
      "[3/3] three …\n",
      "[3/3] three: FAILED after T\n",
    ]);
  });

  it.each([
    [400, "0.4 s"],
    [12_300, "12 s"],
    [185_000, "3 min 05 s"],
    [59_700, "60 s"],
  ])("writes %i ms as %s", (milliseconds, text) => {
    expect(elapsed(milliseconds)).toBe(text);
  });
});
