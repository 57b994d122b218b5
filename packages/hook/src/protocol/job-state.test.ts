import { describe, expect, it } from "vitest";
import { type JobState, jobStateOf, requireJobState, stateWithJob } from "./job-state.ts";

const copied: JobState = { pod: "arc-workflow", uid: "u-1", agentNode: "/node", placement: { kind: "copy" } };

describe("the job pod in the state", () => {
  it.each([
    ["copying", copied],
    [
      "shared",
      {
        ...copied,
        placement: { kind: "shared", claim: "work", subPath: "", node: undefined, pinned: true } as const,
      },
    ],
  ])("comes back as it was written: %s", (_, job) => {
    const state = stateWithJob({ other: 1, slipway: { images: {} } }, job);
    const sent = JSON.parse(JSON.stringify(state));
    expect(sent).toMatchObject({ other: 1, jobPod: "arc-workflow", slipway: { images: {} } });
    expect(requireJobState(sent)).toEqual(job);
  });

  it.each([
    ["nothing", {}, /prepare_job was not run/],
    ["the official hook's", { jobPod: "arc-workflow" }, /began with another hook/],
    ["no job", { slipway: { images: {} } }, /began with another hook/],
    [
      "an unknown placement",
      stateWithJob({}, { ...copied, placement: { kind: "nfs" } as never }),
      /began with another hook/,
    ],
    ["no pod", stateWithJob({}, { ...copied, pod: "" }), /began with another hook/],
    ["a list", { jobPod: "x", slipway: { job: [] } }, /began with another hook/],
  ])("is refused with cause and cure: %s", (_, state, message) => {
    expect(jobStateOf(state)).toBeUndefined();
    const refusal = expect.objectContaining({ code: "INVALID_REQUEST", remedy: expect.any(String) });
    expect(() => requireJobState(state)).toThrow(message);
    expect(() => requireJobState(state)).toThrow(refusal);
  });
});
