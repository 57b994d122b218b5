import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { slipwayStateOf, writeState } from "./hook-response.ts";

const digest = `sha256:${"a".repeat(64)}` as const;

describe("the state of a job", () => {
  it("comes back as it was written, beside what others keep there", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "slipway-")), "response.json");
    const ours = { images: { abc: { digest, hasCommand: false } }, barePods: true } as const;
    await writeState(path, { jobPod: "x", slipway: { images: {} } }, ours);
    const { state } = JSON.parse(await readFile(path, "utf8"));
    expect(state.jobPod).toBe("x");
    expect(slipwayStateOf(state)).toEqual(ours);
  });

  it.each([
    ["nothing", {}],
    ["another version", { slipway: ["v0"] }],
    [
      "a digest that is none",
      { slipway: { images: { abc: { digest: "latest", hasCommand: true }, def: digest }, barePods: "yes" } },
    ],
  ])("counts %s as nothing", (_, state) => {
    expect(slipwayStateOf(state)).toEqual({ images: {}, barePods: false });
  });

  it("is a clear error where the file cannot be written", async () => {
    const attempt = writeState("/nonexistent/folder/r.json", {}, slipwayStateOf({}));
    await expect(attempt).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringContaining("/nonexistent/folder/r.json"),
    });
  });
});
