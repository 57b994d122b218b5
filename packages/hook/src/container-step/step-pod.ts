import type { V1Container, V1Job, V1Pod, V1PodSpec, V1SecurityContext } from "@kubernetes/client-node";
import type { AgentRuntime, PodOwner } from "@slipway/kube";
import { ownedMetadata, STEP_LABEL } from "../cluster/owned-metadata.ts";
import type { WorkFolders } from "../work/work-folders.ts";
import { stepEnvironment } from "./step-secret.ts";

/** Where things are in the agent's containers. The job container sees none of it. */
export const AGENT_FILE = "/slipway/agent.cjs";
export const WORK_ROOT = "/slipway/work";
export const SNAPSHOT_FILE = "/slipway/snapshot";

/** Everything that decides what a step's pod looks like. */
export interface StepPlan {
  readonly name: string;
  readonly secretName: string;
  /** For a built image by digest, for a ready one as the action names it. */
  readonly image: string;
  readonly imagePullSecrets: readonly string[];
  /** undefined: the image's own. */
  readonly entryPoint: string | undefined;
  readonly args: readonly string[];
  readonly workingDirectory: string | undefined;
  readonly variables: readonly string[];
  readonly folders: WorkFolders;
  readonly agent: AgentRuntime;
  readonly owner: PodOwner;
  /** Longest life of the pod, in seconds. */
  readonly deadlineSeconds: number;
  /** Longest wait for the runner's folders to arrive, in seconds. */
  readonly receiveSeconds: number;
}

/** The step as a Job with one pod, which is tried once. */
export function stepJob(plan: StepPlan): V1Job {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: stepMetadata(plan),
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: 300,
      // The pod has the deadline that counts: where the Job's comes first, the pod is deleted, and its reason with it.
      activeDeadlineSeconds: plan.deadlineSeconds + 60,
      template: { metadata: { labels: stepMetadata(plan).labels ?? {} }, spec: stepPodSpec(plan) },
    },
  };
}

/** The same as a bare pod, for a Role that grants no Jobs. */
export function stepPod(plan: StepPlan): V1Pod {
  return { apiVersion: "v1", kind: "Pod", metadata: stepMetadata(plan), spec: stepPodSpec(plan) };
}

function stepMetadata(plan: StepPlan) {
  return ownedMetadata(plan.name, plan.owner, { [STEP_LABEL]: plan.name });
}

function stepPodSpec(plan: StepPlan): V1PodSpec {
  return {
    restartPolicy: "Never",
    activeDeadlineSeconds: plan.deadlineSeconds,
    terminationGracePeriodSeconds: 5,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets: [...new Set(plan.imagePullSecrets)].map((name) => ({ name })),
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    initContainers: [receiveContainer(plan)],
    containers: [jobContainer(plan), syncContainer(plan)],
    volumes: [
      { name: "agent", emptyDir: {} },
      { name: "work", emptyDir: {} },
    ],
  };
}

function receiveContainer(plan: StepPlan): V1Container {
  const options = JSON.stringify({ timeoutSeconds: plan.receiveSeconds });
  return {
    ...agentContainer(plan, "receive"),
    command: [plan.agent.node, "-e", literal(plan.agent.source), "receive", literal(options)],
  };
}

function syncContainer(plan: StepPlan): V1Container {
  const options = JSON.stringify({ timeoutSeconds: plan.deadlineSeconds });
  return {
    ...agentContainer(plan, "sync"),
    command: [plan.agent.node, AGENT_FILE, "hold", literal(options)],
  };
}

function agentContainer(plan: StepPlan, name: string): V1Container {
  return {
    name,
    image: plan.agent.image,
    imagePullPolicy: "IfNotPresent",
    workingDir: "/",
    resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "512Mi" } },
    securityContext: agentSecurity(),
    volumeMounts: [
      { name: "agent", mountPath: "/slipway" },
      { name: "work", mountPath: WORK_ROOT },
    ],
  };
}

/** Files of any user must be read, and given to the runner's: these three are what Pod Security `baseline` allows for it. */
function agentSecurity(): V1SecurityContext {
  return {
    runAsUser: 0,
    runAsGroup: 0,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"], add: ["CHOWN", "DAC_OVERRIDE", "FOWNER"] },
  };
}

function jobContainer(plan: StepPlan): V1Container {
  return {
    name: "job",
    image: plan.image,
    // A digest never means another image; for a tag the cluster's own rule holds, which asks again for `latest`.
    ...(plan.image.includes("@sha256:") ? { imagePullPolicy: "IfNotPresent" } : {}),
    ...(plan.entryPoint === undefined ? {} : { command: [literal(plan.entryPoint)] }),
    ...(plan.args.length === 0 ? {} : { args: plan.args.map(literal) }),
    ...(plan.workingDirectory === undefined ? {} : { workingDir: plan.workingDirectory }),
    env: stepEnvironment(plan.secretName, plan.variables),
    volumeMounts: plan.folders.mounts.map((mount) => ({
      name: "work",
      mountPath: mount.mountPath,
      subPath: mount.subPath,
      ...(mount.readOnly ? { readOnly: true } : {}),
    })),
  };
}

/** Kubernetes replaces `$(NAME)` in commands and arguments; `$$` is a dollar (API reference, Container.args). */
function literal(text: string): string {
  return text.replaceAll("$", "$$$$");
}
