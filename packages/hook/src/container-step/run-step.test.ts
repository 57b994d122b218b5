import { PassThrough } from "node:stream";
import { ApiServer, apiFor, ManualClock, type ScriptedPod, silentLogger } from "@slipway/kube/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StepOutput } from "../output/step-output.ts";
import { plan } from "../testing/step-plan.ts";
import { runStep } from "./run-step.ts";

let server: ApiServer;
let clock: ManualClock;

beforeEach(async () => {
  server = await ApiServer.start();
  clock = new ManualClock({ running: true });
});
afterEach(() => server.stop());

/** Runs a step in a pod to which the script happens, for a cluster that may take 30 s for it. */
function run(script: (pod: ScriptedPod) => void): Promise<unknown> {
  server.onCreate((resource, { metadata }) => {
    if (resource === "pods") script(server.pod(metadata.name));
  });
  const secret = { metadata: { name: plan.secretName } };
  return runStep(plan, secret, {
    api: apiFor(server, { clock }),
    logger: silentLogger,
    output: new StepOutput(new PassThrough().resume()),
    signal: new AbortController().signal,
    podTimeoutMs: 30_000,
    runnerUser: { uid: 1001, gid: 1001 },
    barePod: true,
    clock,
  });
}

describe("a pod", () => {
  it.each([
    [
      "that no node takes is given up after the time of the setting",
      (pod: ScriptedPod) =>
        pod.condition({ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }),
      { code: "UNSCHEDULABLE", message: expect.stringMatching(/within 30 s.*0\/3 nodes/) },
    ],
    [
      "whose agent cannot be started is given up with the reason",
      (pod: ScriptedPod) =>
        pod.terminated("receive", 128, { reason: "StartError", message: "node: no such file or directory" }),
      { code: "INVALID_CONFIG", message: expect.stringContaining("no such file") },
    ],
  ])("%s", async (_, script, error) => {
    await expect(run(script)).rejects.toMatchObject(error);
    expect([...server.objects("pods"), ...server.objects("secrets")]).toEqual([]);
  });
});
