import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { V1Container } from "@kubernetes/client-node";
import { BuildError, type BuildRequest } from "@slipway/core";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { type BuildPodSettings, DEFAULT_BUILD_POD_LIMITS } from "./build-pod-settings.ts";
import { buildPodSpec, probePodSpec } from "./build-pod-spec.ts";
import type { LayoutBuild, LayoutDaemon } from "./layout-build.ts";

const settings: BuildPodSettings = {
  agent: { image: "runner:2.330", node: "/opt/node", source: 'say("$(HOME) $1")', imagePullSecrets: [] },
  owner: { runnerPod: "runner-x7k2p" },
  trust: { plainHttp: [] },
  limits: DEFAULT_BUILD_POD_LIMITS,
};

const everything: BuildPodSettings = {
  agent: { ...settings.agent, imagePullSecrets: ["pull-runner"] },
  owner: { runnerPod: "runner-x7k2p", uid: "b7d7b3c2-0000-4000-8000-000000000001" },
  registrySecret: "regcred",
  trust: { plainHttp: ["registry.default.svc:5000"], ca: "-----BEGIN CERTIFICATE-----\n" },
  limits: { ...DEFAULT_BUILD_POD_LIMITS, deadlineSeconds: 900, inputSize: "1Gi", outputSize: "5Gi" },
  resources: {
    build: { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "4Gi" } },
    agent: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "256Mi" } },
  },
  scheduling: {
    nodeSelector: { pool: "builds" },
    tolerations: [{ key: "builds", operator: "Exists" }],
    runtimeClassName: "gvisor",
    priorityClassName: "low",
  },
  serviceAccountName: "image-builder",
};

const build: LayoutBuild = {
  builder: "kaniko",
  container: {
    image: "kaniko:1",
    args: ["--build-arg=A=$(POD_IP) $$ $"],
    env: { VALUE: "$(NAME)" },
    capabilities: ["CHOWN"],
    pullSecret: { name: "pull-bases", mountPath: "/kaniko/.docker" },
  },
  classify: () => new BuildError("BUILD_FAILED", "unused"),
};
const { pullSecret: _, ...plain } = build.container;

const daemon: LayoutDaemon = {
  image: "docker:1",
  command: ["sh", "-ec", "echo $1", "sh", "$(HOME)"],
  env: { VALUE: "$(NAME)" },
  user: 1000,
  ownUsers: true,
  resources: { limits: { memory: "4Gi" } },
  ready: { command: ["sh", "-c", "test $(id -u) = 0"], seconds: 60 },
  sharedFolder: "/run/shared",
  storage: { mountPath: "/var/lib/docker", size: "20Gi" },
  classify: () => new BuildError("BUILDER_UNAVAILABLE", "unused"),
};

const request: BuildRequest = {
  context: { kind: "directory", path: "/unused" },
  dockerfile: "Dockerfile",
  destinations: ["registry.default.svc:5000/a/b:t"],
};

const pod = buildPodSpec("p", build, request, everything);
const containers = new Map<string, V1Container>(
  [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map((container) => [
    container.name,
    container,
  ]),
);

describe("the build pod", () => {
  it.each([
    ["build-pod-plain.yaml", buildPodSpec("p", { ...build, container: plain }, request, settings)],
    [
      "build-pod-everything.yaml",
      buildPodSpec("p", build, { ...request, platform: "linux/arm64" }, everything),
    ],
    ["build-pod-daemon.yaml", buildPodSpec("p", { ...build, daemon }, request, settings)],
    ["probe-pod.yaml", probePodSpec("p", "kaniko", build.container, everything)],
  ])("%s is as reviewed (UPDATE_GOLDEN=1 rewrites it)", async (file, spec) => {
    const path = join(import.meta.dirname, "../../golden", file);
    const text = stringify(spec, { lineWidth: 0, aliasDuplicateObjects: false });
    if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(path, text);
    expect(text).toBe(await readFile(path, "utf8"));
  });

  it("shows the push credential to nobody but `push`", () => {
    const mounted = [...containers.values()].filter(({ volumeMounts }) =>
      volumeMounts?.some(({ name }) => name === "auth"),
    );
    expect(mounted.map(({ name }) => name)).toEqual(["push"]);
    expect(JSON.stringify(containers.get("build"))).not.toContain("regcred");
  });

  it("runs the untrusted container before, never beside, the one with the credential", () => {
    expect(pod.spec?.initContainers?.map(({ name, restartPolicy }) => [name, restartPolicy])).toEqual([
      ["receive", undefined],
      ["build", undefined],
    ]);
    expect(pod.spec?.shareProcessNamespace).toBeUndefined();
  });

  it("gives privileges to a daemon only, and its folder to `build` alone", () => {
    const { initContainers = [], containers: rest = [] } =
      buildPodSpec("p", { ...build, daemon }, request, everything).spec ?? {};
    const all = [...initContainers, ...rest];
    expect(all.map(({ name, restartPolicy }) => [name, restartPolicy])).toEqual([
      ["receive", undefined],
      ["daemon", "Always"],
      ["build", undefined],
      ["push", undefined],
    ]);
    const names = (having: (container: V1Container) => boolean | undefined) =>
      all.filter(having).map(({ name }) => name);
    const mounting = (volume: string) =>
      names(({ volumeMounts }) => volumeMounts?.some(({ name }) => name === volume));
    expect(names(({ securityContext }) => securityContext?.privileged)).toEqual(["daemon"]);
    expect(mounting("shared")).toEqual(["daemon", "build"]);
    expect(mounting("storage")).toEqual(["daemon"]);
    expect(mounting("auth")).toEqual(["push"]);
    expect(mounting("pull")).toEqual(["build"]);
  });

  it("keeps the agent's volume from the untrusted container", () => {
    const mounts = containers
      .get("build")
      ?.volumeMounts?.map(({ name, readOnly }) => [name, readOnly === true]);
    expect(mounts).toEqual([
      ["input", true],
      ["output", false],
      ["pull", true],
    ]);
  });

  it("asks no registry again for the agent's image", () => {
    const policies = ["receive", "push"].map((name) => containers.get(name)?.imagePullPolicy);
    expect(policies).toEqual(["IfNotPresent", "IfNotPresent"]);
  });

  it("carries the agent's source once", () => {
    expect(JSON.stringify(pod).split("say(").length - 1).toBe(1);
  });
});
