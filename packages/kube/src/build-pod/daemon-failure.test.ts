import type { V1ContainerState, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { BuildError } from "@slipway/core";
import { describe, expect, it } from "vitest";
import { daemonFailure } from "./daemon-failure.ts";
import type { DaemonFailure, LayoutDaemon } from "./layout-build.ts";

const daemon: LayoutDaemon = {
  image: "docker:1",
  command: [],
  ready: { command: [], seconds: 60 },
  sharedFolder: "/run/shared",
  storage: { mountPath: "/var/lib/docker", size: "1Gi" },
  classify: (failure) => new BuildError("BUILDER_UNAVAILABLE", JSON.stringify(failure)),
};
const startedAt = new Date("2026-01-01T00:00:00Z");
const finishedAt = new Date("2026-01-01T00:00:07Z");
const ended: V1ContainerState = {
  terminated: { exitCode: 2, reason: "Error", message: "one\n\ntwo\n", startedAt, finishedAt },
};
const runs: V1ContainerState = { running: { startedAt } };
const waits: V1ContainerState = { waiting: { reason: "PodInitializing" } };
const exited = (exitCode: number): V1ContainerState => ({ terminated: { exitCode } });

function status(name: string, state: V1ContainerState, lastState?: V1ContainerState): V1ContainerStatus {
  const rest = { image: "", imageID: "", ready: false, restartCount: 0 };
  return { name, state, ...rest, ...(lastState === undefined ? {} : { lastState }) };
}

function failure(...initContainerStatuses: V1ContainerStatus[]): DaemonFailure | undefined {
  const pod: V1Pod = { status: { initContainerStatuses } };
  const error = daemonFailure(pod, daemon);
  return error === undefined ? undefined : (JSON.parse(error.message) as DaemonFailure);
}

const told = { exitCode: 2, reason: "Error", lines: ["one", "two"], seconds: 7 };

describe("daemonFailure", () => {
  it.each([
    ["ended before it was ready", [status("daemon", ended), status("build", waits)], false],
    ["is started again", [status("daemon", runs, ended), status("build", waits)], false],
    ["ended while it was needed", [status("daemon", ended), status("build", runs)], true],
    ["is started again while it was needed", [status("daemon", runs, ended), status("build", runs)], true],
    ["ended, and `build` failed of it", [status("daemon", runs, ended), status("build", exited(1))], true],
  ])("tells of a daemon that %s", (_, statuses, wasReady) => {
    expect(failure(...statuses)).toEqual({ ...told, wasReady });
  });

  it.each([
    ["runs", [status("daemon", runs), status("build", runs)]],
    ["ends with a pod whose `build` failed", [status("daemon", ended), status("build", exited(1))]],
    ["ends when `build` is done", [status("daemon", runs, ended), status("build", exited(0))]],
  ])("has nothing against a daemon that %s", (_, statuses) => {
    expect(failure(...statuses)).toBeUndefined();
  });

  it("has nothing to say of a pod without a daemon", () => {
    const pod: V1Pod = { status: { initContainerStatuses: [status("daemon", ended)] } };
    expect(daemonFailure(pod, undefined)).toBeUndefined();
  });
});
