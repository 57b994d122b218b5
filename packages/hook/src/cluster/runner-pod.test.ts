import type { V1Pod } from "@kubernetes/client-node";
import { ApiServer, apiFor } from "@slipway/kube/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RunnerPodOptions, readRunnerPod } from "./runner-pod.ts";

const options: RunnerPodOptions = {
  name: "arc-1",
  agentImage: undefined,
  agentNode: undefined,
  runnerImage: undefined,
  execPath: "/home/runner/externals/node20/bin/node",
  agentSource: "",
  work: {
    workFolder: "/home/runner/_work",
    workPlacement: "auto",
    claimName: undefined,
    useKubeScheduler: false,
  },
};

const pod: V1Pod = {
  metadata: { name: "arc-1" },
  spec: {
    nodeName: "node-1",
    imagePullSecrets: [{ name: "pull" }],
    containers: [
      { name: "dind", image: "docker:dind" },
      { name: "runner", image: "runner:1", volumeMounts: [{ name: "w", mountPath: "/home/runner/_work" }] },
    ],
    volumes: [{ name: "w", persistentVolumeClaim: { claimName: "c" } }],
  },
};

let server: ApiServer;
beforeEach(async () => {
  server = await ApiServer.start();
});
afterEach(() => server.stop());

function read(changes: Partial<RunnerPodOptions> = {}) {
  return readRunnerPod(apiFor(server), { ...options, ...changes }, new AbortController().signal);
}

describe("readRunnerPod", () => {
  it("takes owner, image, node and placement from the pod's container `runner`", async () => {
    server.addPod(structuredClone(pod));
    expect(await read()).toEqual({
      owner: { runnerPod: "arc-1", uid: expect.any(String) },
      agent: { image: "runner:1", node: options.execPath, source: "", imagePullSecrets: ["pull"] },
      placement: { kind: "shared", claim: "c", subPath: "", node: "node-1", pinned: true },
      nodeName: "node-1",
    });
  });

  it.each([
    [
      "the operator's agent image before all others",
      true,
      { agentImage: "a", runnerImage: "r" },
      "a",
      "node",
    ],
    ["the pod's image before the one of ACTIONS_RUNNER_IMAGE", true, { runnerImage: "r" }, "runner:1"],
    ["ACTIONS_RUNNER_IMAGE where there is no pod", false, { runnerImage: "r" }, "r"],
  ])("takes %s", async (_, isThere, changes, image, node = options.execPath) => {
    if (isThere) server.addPod(structuredClone(pod));
    expect((await read(changes)).agent).toMatchObject({ image, node });
  });

  it("says what to set where neither is there", async () => {
    await expect(read()).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining('no pod "arc-1"'),
      remedy: expect.stringContaining("ACTIONS_RUNNER_IMAGE"),
    });
  });
});
