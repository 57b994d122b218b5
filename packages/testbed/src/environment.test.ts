import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { exportLines, testbedEnvironment } from "./environment.ts";
import { names, type TestbedState } from "./testbed-state.ts";

const { registryPort: _port, mirrorPort: _mirrorPort, mirrorPullHost: _host, ...fixed } = names;
const state: TestbedState = {
  ...fixed,
  key: "k",
  clusterKey: "c",
  online: false,
  kubeconfig: "/a folder/it's/kubeconfig",
  kubectl: "/a folder/bin/kubectl",
  registryPassword: "p$(id)`'\"",
  registryUrl: "http://10.0.0.1:31500",
  mirrorUrl: "http://10.0.0.1:31501",
  kanikoImage: "gcr.io/kaniko-project/executor:v1.24.0",
  kanikoVersion: "v1.24.0",
  dindImage: "docker.io/library/docker:26.1.5-dind",
  dindVersion: "26.1.5",
  baseImages: ["docker.io/library/busybox:1.37"],
};

describe("env", () => {
  it("gives a shell every value as it is, whatever characters it has", () => {
    const script = `${exportLines(state)}\nprintf '%s\\0' "$KUBECONFIG" "$SLIPWAY_TESTBED_REGISTRY_PASSWORD" "\${PATH%%:*}"`;
    const printed = execFileSync("sh", ["-ec", script], { encoding: "utf8" }).split("\0");
    expect(printed).toEqual([state.kubeconfig, state.registryPassword, "/a folder/bin", ""]);
  });

  it.each([
    [true, undefined],
    [false, true],
  ])(
    "lets builders look beyond the mirror only where there is something beyond: online %s",
    (online, expected) => {
      const { SLIPWAY_BUILDER_CONFIG = "" } = testbedEnvironment({ ...state, online });
      expect(JSON.parse(SLIPWAY_BUILDER_CONFIG)).toMatchObject({ registryMirrors: [state.mirrorHost] });
      expect((JSON.parse(SLIPWAY_BUILDER_CONFIG) as { mirrorsOnly?: boolean }).mirrorsOnly).toBe(expected);
    },
  );

  it("names the registry as ADR 0034's example does", () => {
    expect(testbedEnvironment(state)).toMatchObject({
      ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST_PUSH: "docker-registry.default.svc.cluster.local:5000",
      ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST_PULL: "localhost:31500",
      ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_SECRET_NAME: "slipway-registry",
    });
  });
});
