import type { V1ContainerState, V1Pod, V1PodCondition, V1PodStatus } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { podFailure } from "./pod-failure.ts";
import type { FailureContext } from "./pod-failure-context.ts";

const SPEC: V1Pod["spec"] = {
  nodeName: "node-7",
  activeDeadlineSeconds: 3600,
  imagePullSecrets: [{ name: "pull" }],
  initContainers: [
    { name: "receive", image: "runner:2" },
    { name: "build", image: "kaniko:1", resources: { limits: { memory: "2Gi" } } },
  ],
  containers: [{ name: "push", image: "runner:2" }],
  volumes: [{ name: "auth", secret: { secretName: "regcred" } }],
};

const condition = (type: string, status: string, reason?: string, message?: string): V1PodCondition => ({
  type,
  status,
  ...(reason === undefined ? {} : { reason }),
  ...(message === undefined ? {} : { message }),
});
const container = (name: string, state: V1ContainerState) => ({
  name,
  state,
  image: "sha256:0",
  imageID: "",
  ready: false,
  restartCount: 0,
});
const init = (name: string, state: V1ContainerState, phase = "Pending"): V1PodStatus => ({
  phase,
  initContainerStatuses: [container(name, state)],
});
const main = (state: V1ContainerState): V1PodStatus => ({
  phase: "Pending",
  containerStatuses: [container("push", state)],
});

interface Case {
  readonly name: string;
  readonly status: V1PodStatus;
  readonly context?: FailureContext;
  readonly code: string | undefined;
  readonly text?: string;
  readonly cure?: string;
}

const CASES: readonly Case[] = [
  { name: "a pod without status", status: {}, code: undefined },
  {
    name: "a build that ended with an exit code of its own",
    status: init("build", { terminated: { exitCode: 42, reason: "Error" } }, "Failed"),
    code: undefined,
  },
  {
    name: "OOMKilled with 137",
    status: init("build", { terminated: { exitCode: 137, reason: "OOMKilled" } }, "Failed"),
    context: { settings: { memory: { build: "SETTING" } } },
    code: "RESOURCE_EXHAUSTED",
    text: "Container build of pod p ran out of memory: its limit is 2Gi",
    cure: "Raise SETTING",
  },
  {
    name: "OOMKilled with the 255 of Kaniko",
    status: init("build", { terminated: { exitCode: 255, reason: "OOMKilled" } }, "Failed"),
    code: "RESOURCE_EXHAUSTED",
    text: "its limit is 2Gi",
  },
  {
    name: "a step that survived the OOM kill of a child",
    status: main({ terminated: { exitCode: 0, reason: "OOMKilled" } }),
    code: undefined,
  },
  {
    name: "an init container that survived it, after which the kubelet goes no further",
    status: init("build", { terminated: { exitCode: 0, reason: "OOMKilled" } }),
    code: "RESOURCE_EXHAUSTED",
  },
  {
    name: "OOMKilled, of a sidecar that was started again",
    status: {
      phase: "Pending",
      initContainerStatuses: [
        {
          ...container("daemon", { running: {} }),
          lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
        },
      ],
    },
    context: { settings: { memory: { daemon: "MEMORY" } } },
    code: "RESOURCE_EXHAUSTED",
    cure: "Raise MEMORY",
  },
  {
    name: "OOMKilled without a limit",
    status: main({ terminated: { exitCode: 137, reason: "OOMKilled" } }),
    code: "RESOURCE_EXHAUSTED",
    text: "the container has no limit",
    cure: "Let the container request the memory",
  },
  {
    name: "an eviction by the node",
    status: {
      phase: "Failed",
      reason: "Evicted",
      message: "The node was low on resource: memory.\nContainer build was using 9Gi.",
    },
    code: "POD_LOST",
    text: "Pod p was evicted (Evicted): The node was low on resource: memory. Container build was using 9Gi",
  },
  {
    name: "a volume over its size limit",
    status: {
      phase: "Failed",
      reason: "Evicted",
      message: 'Usage of EmptyDir volume "output" exceeds the limit "10Gi". ',
    },
    code: "RESOURCE_EXHAUSTED",
    text: 'Usage of EmptyDir volume "output" exceeds the limit "10Gi"',
  },
  {
    name: "a volume with a setting of its own",
    status: {
      phase: "Failed",
      reason: "Evicted",
      message: 'Usage of EmptyDir volume "storage" exceeds the limit "1Gi". ',
    },
    context: { settings: { storage: "STORAGE", volumes: { storage: "DISK" } } },
    code: "RESOURCE_EXHAUSTED",
    cure: "Raise DISK",
  },
  {
    name: "a container over its disk limit",
    status: {
      phase: "Failed",
      reason: "Evicted",
      message: 'Container build exceeded its local ephemeral storage limit "1Gi". ',
    },
    context: { settings: { storage: "STORAGE" } },
    code: "RESOURCE_EXHAUSTED",
    cure: "Raise the ephemeral-storage limit of the container",
  },
  {
    name: "a preemption, before any container ended",
    status: {
      phase: "Running",
      conditions: [condition("DisruptionTarget", "True", "PreemptionByScheduler", "preempted by vip")],
    },
    code: "POD_LOST",
    text: "(PreemptionByScheduler): preempted by vip",
  },
  {
    name: "a deadline",
    status: { phase: "Failed", reason: "DeadlineExceeded", message: "Pod was active on the node longer …" },
    context: { settings: { deadline: "DEADLINE" } },
    code: "TIMED_OUT",
    text: "its deadline of 3600 s ran out",
    cure: "DEADLINE",
  },
  {
    name: "a container that the node lost sight of",
    status: init("build", { terminated: { exitCode: 137, reason: "ContainerStatusUnknown" } }, "Failed"),
    code: "POD_LOST",
    text: "Node node-7 of pod p is gone",
  },
  { name: "a node that does not report", status: { phase: "Unknown" }, code: "POD_LOST", text: "node-7" },
  {
    name: "a pod that the kubelet refuses",
    status: { phase: "Failed", reason: "OutOfcpu", message: "Node didn't have enough resource: cpu" },
    code: "POD_LOST",
    text: "Node node-7 refused pod p (OutOfcpu): Node didn't have enough resource: cpu",
  },
  {
    name: "an image for another architecture",
    status: init("build", {
      terminated: {
        exitCode: 128,
        reason: "StartError",
        message: "exec /kaniko/executor: exec format error",
      },
    }),
    code: "INVALID_CONFIG",
    text: "Container build (image kaniko:1) did not start: exec /kaniko/executor: exec format error",
    cure: "architecture of node node-7",
  },
  {
    name: "an action without the program it names",
    status: main({
      terminated: {
        exitCode: 128,
        reason: "StartError",
        message: 'exec: "/x": stat /x: no such file or directory',
      },
    }),
    context: { userContainer: "push" },
    code: "INVALID_REQUEST",
    cure: "Name a program that is in the image",
  },
  {
    name: "a pod just unschedulable",
    status: { phase: "Pending", conditions: [condition("PodScheduled", "False", "Unschedulable", "0/1")] },
    context: { waitedSeconds: 599 },
    code: undefined,
  },
  {
    name: "a pod unschedulable for long",
    status: {
      phase: "Pending",
      conditions: [condition("PodScheduled", "False", "Unschedulable", "0/5 nodes are available: 5 cpu.")],
    },
    context: { waitedSeconds: 600 },
    code: "UNSCHEDULABLE",
    text: "No node took pod p within 600 s: 0/5 nodes are available: 5 cpu",
  },
  {
    name: "a time limit of the caller's",
    status: { phase: "Pending", conditions: [condition("PodScheduled", "False", "Unschedulable", "0/5")] },
    context: { waitedSeconds: 30, unschedulableSeconds: 30 },
    code: "UNSCHEDULABLE",
  },
  ...[
    'rpc error: code = NotFound desc = failed to pull and unpack image "r/kaniko:1": r/kaniko:1: not found',
    "failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized",
    "pull access denied, repository does not exist or may require authorization",
    "no match for platform in manifest: not found",
    "http: server gave HTTP response to HTTPS client",
    "tls: failed to verify certificate: x509: certificate signed by unknown authority",
  ].map((message) => ({
    name: `an image that no waiting brings: ${message}`,
    status: init("build", { waiting: { reason: "ErrImagePull", message } }),
    code: "IMAGE_UNAVAILABLE",
    text: "The node cannot pull image kaniko:1 of container build",
  })),
  {
    name: "an image with the number of a status in its name, that may come yet",
    status: init("build", {
      waiting: { reason: "ErrImagePull", message: 'failed to pull image "r/x:404": dial tcp: i/o timeout' },
    }),
    code: undefined,
  },
  {
    name: "an image that may come yet",
    status: init("build", { waiting: { reason: "ImagePullBackOff", message: "Back-off: i/o timeout" } }),
    context: { waitedSeconds: 299 },
    code: undefined,
  },
  {
    name: "an image that did not come",
    status: init("build", { waiting: { reason: "ImagePullBackOff", message: "Back-off: i/o timeout" } }),
    context: { waitedSeconds: 300 },
    code: "IMAGE_UNAVAILABLE",
    cure: "Check that the node reaches the registry",
  },
  {
    name: "an image name that is none",
    status: main({ waiting: { reason: "InvalidImageName", message: 'couldn\'t parse image name "A B"' } }),
    code: "IMAGE_UNAVAILABLE",
    cure: "Correct the image name",
  },
  {
    name: "an image that must not be pulled",
    status: main({ waiting: { reason: "ErrImageNeverPull" } }),
    code: "IMAGE_UNAVAILABLE",
  },
  {
    name: "a Secret that may be created yet",
    status: main({ waiting: { reason: "CreateContainerConfigError", message: 'secret "x" not found' } }),
    context: { waitedSeconds: 59 },
    code: undefined,
  },
  {
    name: "a Secret that is missing",
    status: main({ waiting: { reason: "CreateContainerConfigError", message: 'secret "x" not found' } }),
    context: { waitedSeconds: 60 },
    code: "INVALID_CONFIG",
    text: 'Container push of pod p cannot be created: secret "x" not found',
  },
  {
    name: "volumes that are being mounted",
    status: {
      phase: "Pending",
      conditions: [condition("PodScheduled", "True"), condition("PodReadyToStartContainers", "False")],
    },
    context: { waitedSeconds: 119 },
    code: undefined,
  },
  {
    name: "volumes that cannot be mounted",
    status: {
      phase: "Pending",
      conditions: [condition("PodScheduled", "True"), condition("PodReadyToStartContainers", "False")],
    },
    context: { waitedSeconds: 120 },
    code: "INVALID_CONFIG",
    cure: "these Secrets exist with their keys: regcred",
  },
];

describe("podFailure", () => {
  it.each(CASES)("judges $name", ({ status, context, code, text, cure }) => {
    const failure = podFailure({ metadata: { name: "p" }, spec: SPEC, status }, context);
    expect(failure?.code).toBe(code);
    if (text !== undefined) expect(failure?.message).toContain(text);
    if (cure !== undefined) expect(failure?.remedy).toContain(cure);
  });

  it("suspects user namespaces first where the pod asks for them", () => {
    const conditions = [condition("PodScheduled", "True"), condition("PodReadyToStartContainers", "False")];
    const pod = { metadata: { name: "p" }, spec: { ...SPEC, hostUsers: false }, status: { conditions } };
    expect(podFailure(pod, { waitedSeconds: 120 })?.remedy).toContain("user namespaces for pods");
  });

  it("prints text of others on one line, without control characters, and not without end", () => {
    const message = `not found\u001b[2J\r\n::error::\u2028x${"y".repeat(9_000)}`;
    const status = main({ waiting: { reason: "ErrImagePull", message } });
    const failure = podFailure({ metadata: { name: "p" }, spec: SPEC, status });
    expect(failure?.message).toMatch(/not found \[2J ::error:: xy+…$/);
    expect(failure?.message.length).toBeLessThan(700);
  });
});
