import type { V1Pod } from "@kubernetes/client-node";
import { BuildError } from "@slipway/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiServer, apiFor, ManualClock, type ScriptedPod } from "./testing/index.ts";
import { type WaitForPodOptions, waitForPod } from "./wait-for-pod.ts";

let server: ApiServer;
let pod: ScriptedPod;
let notices: string[];
let clock: ManualClock;

beforeEach(async () => {
  server = await ApiServer.start();
  pod = server.addPod({ metadata: { name: "p" }, spec: { containers: [{ name: "c" }] } });
  notices = [];
  clock = new ManualClock({ running: true });
});
afterEach(async () => {
  await server.stop();
});

const isRunning = ({ status }: V1Pod) => status?.phase === "Running";

function wait(options: Partial<WaitForPodOptions> = {}): Promise<V1Pod> {
  const onNotice = (text: string) => void notices.push(text);
  return waitForPod(apiFor(server, { clock }), "p", {
    until: isRunning,
    timeoutMs: 200_000,
    onNotice,
    clock,
    ...options,
  });
}

async function polls(count: number): Promise<void> {
  while (server.requests.length < count) await new Promise(setImmediate);
}

describe("waitForPod", () => {
  it("returns the pod as it then is", async () => {
    const waiting = wait();
    await polls(3);
    pod.phase("Running").running("c");
    expect((await waiting).status?.containerStatuses).toHaveLength(1);
    expect(notices).toEqual([]);
  });

  it("survives an API server that is away", async () => {
    server.fault({ verb: "get", times: 4 }, { kind: "reset", when: "before" });
    pod.phase("Running");
    await wait();
  });

  it("tells every minute what the scheduler says, and gives up with it", async () => {
    pod.condition({
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message: "0/5 nodes are available",
    });
    await expect(wait()).rejects.toMatchObject({
      code: "UNSCHEDULABLE",
      message: expect.stringContaining("0/5 nodes are available") as string,
    });
    expect(notices).toHaveLength(4);
    expect(notices[0]).toContain("0/5 nodes are available");
  });

  it("tells which container cannot start, and why", async () => {
    pod.waiting("c", "ImagePullBackOff", "Back-off pulling image");
    await expect(wait({ timeoutMs: 20_000 })).rejects.toMatchObject({ code: "TIMED_OUT" });
    expect(notices[0]).toBe("pod p waits for container c: ImagePullBackOff: Back-off pulling image");
  });

  it("ends with the failure that the pod shows", async () => {
    const failure = new BuildError("POD_LOST", "evicted");
    const waiting = wait({ failureOf: ({ status }) => (status?.reason === "Evicted" ? failure : undefined) });
    const outcome = expect(waiting).rejects.toBe(failure);
    await polls(2);
    pod.phase("Failed", "Evicted");
    await outcome;
  });

  it("counts the time without progress, so that a long wait for a node takes nothing from what comes after", async () => {
    const waited: number[] = [];
    const failureOf = (_: V1Pod, seconds: number) => void waited.push(seconds);
    pod.condition({ type: "PodScheduled", status: "False" });
    const waiting = wait({ failureOf });
    while ((waited.at(-1) ?? 0) < 60) await new Promise(setImmediate);
    const seen = waited.length;
    pod.condition({ type: "PodScheduled", status: "True" }).waiting("c", "ErrImagePull");
    await polls(seen + 4);
    expect(Math.min(...waited.slice(seen))).toBe(0);
    pod.waiting("c", "ImagePullBackOff");
    while ((waited.at(-1) ?? 0) < 20) await new Promise(setImmediate);
    pod.phase("Running");
    await waiting;
    expect(waited.filter((seconds) => seconds === 0)).toHaveLength(2);
  });

  it.each([
    [
      "a container that failed",
      (ended: ScriptedPod) => ended.terminated("c", 3, { message: "no\nroom" }),
      "INTERNAL",
      "container c of pod p ended too early, with exit code 3: no room",
    ],
    ["no reason", (ended: ScriptedPod) => ended, "POD_LOST", "pod p ended before its work was done"],
  ])("does not wait for a pod that has ended with %s", async (_, end, code, message) => {
    end(pod).phase("Failed");
    await expect(wait()).rejects.toMatchObject({ code, message });
    expect(server.requests).toHaveLength(1);
  });

  it("does not take another pod of the same name for ours", async () => {
    pod.phase("Running");
    await expect(wait({ uid: "other" })).rejects.toMatchObject({ code: "POD_LOST" });
    server.remove("pods", "p");
    await expect(wait()).rejects.toMatchObject({ code: "POD_LOST" });
  });

  it("stops when it is cancelled", async () => {
    const controller = new AbortController();
    const outcome = expect(wait({ signal: controller.signal })).rejects.toMatchObject({ code: "CANCELLED" });
    await polls(2);
    controller.abort();
    await outcome;
  });
});
