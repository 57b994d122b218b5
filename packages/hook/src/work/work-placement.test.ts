import type { V1Pod, V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { findWorkPlacement, type PlacementSettings } from "./work-placement.ts";

const settings: PlacementSettings = {
  workFolder: "/home/runner/_work",
  workPlacement: "auto",
  claimName: undefined,
  useKubeScheduler: false,
};

const ephemeral: V1Volume = { name: "work", ephemeral: { volumeClaimTemplate: { spec: {} } } };
const claim: V1Volume = { name: "work", persistentVolumeClaim: { claimName: "team-a" } };
const atWork: V1VolumeMount = { name: "work", mountPath: "/home/runner/_work" };
const shared = { kind: "shared", subPath: "", node: "node-1", pinned: true };

function runnerPod(volumes: V1Volume[], volumeMounts: V1VolumeMount[]): V1Pod {
  const sidecar = { name: "dind", volumeMounts: [{ name: "other", mountPath: "/home/runner/_work" }] };
  const containers = [sidecar, { name: "runner", volumeMounts }];
  return { metadata: { name: "arc-1" }, spec: { nodeName: "node-1", containers, volumes } };
}

describe("findWorkPlacement", () => {
  it.each([
    ["an ephemeral volume", ephemeral, [atWork], { ...shared, claim: "arc-1-work" }],
    ["a claim", claim, [atWork], { ...shared, claim: "team-a" }],
    [
      "a folder of a claim",
      claim,
      [{ ...atWork, mountPath: "/home/", subPath: "/runners/./one/" }],
      { ...shared, claim: "team-a", subPath: "runners/one/runner/_work" },
    ],
    [
      "the innermost of several mounts",
      claim,
      [
        { name: "home", mountPath: "/home/runner/" },
        { ...atWork, subPath: "x" },
        { name: "temp", mountPath: "/home/runner/_work/_temp" },
      ],
      { ...shared, claim: "team-a", subPath: "x" },
    ],
  ])("shares %s", (_, volume, mounts, placement) => {
    expect(findWorkPlacement(runnerPod([volume], mounts), settings)).toEqual(placement);
  });

  it.each([
    ["an emptyDir", { name: "work", emptyDir: {} }, [atWork], "is no claim"],
    ["a folder of the image", claim, [{ ...atWork, mountPath: "/home/runner/_wor" }], "is on no volume"],
    ["a mount that only reads", claim, [{ ...atWork, readOnly: true }], "read-only"],
    ["an expanded sub path", claim, [{ ...atWork, subPathExpr: "$(POD)" }], "subPathExpr"],
  ])("copies from %s, and says why it cannot be shared", (_, volume, mounts, obstacle) => {
    const pod = runnerPod([volume], mounts);
    expect(findWorkPlacement(pod, settings)).toEqual({ kind: "copy" });
    expect(() => findWorkPlacement(pod, { ...settings, workPlacement: "shared" })).toThrow(obstacle);
  });

  it("copies where the pod cannot be read", () => {
    expect(findWorkPlacement(undefined, settings)).toEqual({ kind: "copy" });
    expect(() => findWorkPlacement(undefined, { ...settings, workPlacement: "shared" })).toThrow("be read");
  });

  it("does as the operator says", () => {
    const pod = runnerPod([ephemeral], [{ ...atWork, subPath: "a" }]);
    expect(findWorkPlacement(pod, { ...settings, workPlacement: "copy" })).toEqual({ kind: "copy" });
    expect(findWorkPlacement(pod, { ...settings, claimName: "b", useKubeScheduler: true })).toEqual({
      ...shared,
      claim: "b",
      subPath: "a",
      pinned: false,
    });
    expect(findWorkPlacement(undefined, { ...settings, claimName: "b" })).toEqual({
      kind: "shared",
      claim: "b",
      subPath: "",
      node: undefined,
      pinned: true,
    });
  });
});
