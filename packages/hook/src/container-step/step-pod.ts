import type { V1Container, V1Job, V1Pod, V1PodSpec, V1SecurityContext } from "@kubernetes/client-node";
import { type AgentRuntime, agentImage, literal, type PodOwner } from "@slipway/kube";
import { ownedMetadata, STEP_LABEL } from "../cluster/owned-metadata.ts";
import { onRunnersNode, WORK_VOLUME, workVolume } from "../cluster/work-volume.ts";
import { applyTemplate, type TemplatedPod } from "../template/apply-template.ts";
import type { PodTemplate } from "../template/pod-template.ts";
import type { WorkFolders, WorkMount } from "../work/work-folders.ts";
import type { WorkPlacement } from "../work/work-placement.ts";
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
  readonly placement: WorkPlacement;
  readonly folders: WorkFolders;
  /** Of the job's container, with paths in the work volume as it is in this placement. */
  readonly mounts: readonly WorkMount[];
  /** What the operator wants in the pod. */
  readonly template: PodTemplate | undefined;
  readonly agent: AgentRuntime;
  readonly owner: PodOwner;
  /** Longest life of the pod, in seconds. */
  readonly deadlineSeconds: number;
  /** Longest wait for the runner's folders to arrive, in seconds. */
  readonly receiveSeconds: number;
}

/** The step as a Job with one pod, which is tried once. */
export function stepJob(plan: StepPlan): V1Job {
  const { metadata = {}, spec } = stepPod(plan);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: stepMetadata(plan),
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: 300,
      // The pod has the deadline that counts: where the Job's comes first, the pod is deleted, and its reason with it.
      activeDeadlineSeconds: plan.deadlineSeconds + 60,
      template: { metadata: podMetadata(metadata), ...(spec && { spec }) },
    },
  };
}

/** The same as a bare pod, for a Role that grants no Jobs. */
export function stepPod(plan: StepPlan): V1Pod {
  return templatedStepPod(plan).pod;
}

/** The pod and what of the template is not in it. Throws INVALID_CONFIG for a template that contradicts the pod. */
export function templatedStepPod(plan: StepPlan): TemplatedPod<V1Pod> {
  const pod = { apiVersion: "v1", kind: "Pod", metadata: stepMetadata(plan), spec: stepPodSpec(plan) };
  return plan.template === undefined
    ? { pod, warnings: [] }
    : applyTemplate<V1Pod>(pod, plan.template, { job: "job" });
}

function stepMetadata(plan: StepPlan) {
  return ownedMetadata(plan.name, plan.owner, { [STEP_LABEL]: plan.name });
}

/** A Job gives names and owners to its pods itself. */
function podMetadata({ labels, annotations }: NonNullable<V1Pod["metadata"]>) {
  return { ...(labels && { labels }), ...(annotations && { annotations }) };
}

function stepPodSpec(plan: StepPlan): V1PodSpec {
  // On the runner's own claim every file is in its place already: nothing has to be sent, and nothing comes back.
  const copies = plan.placement.kind === "copy";
  return {
    restartPolicy: "Never",
    activeDeadlineSeconds: plan.deadlineSeconds,
    terminationGracePeriodSeconds: 5,
    // Whoever names an account for the pod wants its token there.
    ...(plan.template?.spec.serviceAccountName === undefined ? { automountServiceAccountToken: false } : {}),
    enableServiceLinks: false,
    ...onRunnersNode(plan.placement),
    imagePullSecrets: [...new Set(plan.imagePullSecrets)].map((name) => ({ name })),
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    ...(copies ? { initContainers: [receiveContainer(plan)] } : {}),
    containers: [jobContainer(plan), ...(copies ? [syncContainer(plan)] : [])],
    volumes: [...(copies ? [{ name: "agent", emptyDir: {} }] : []), workVolume(plan.placement)],
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
    ...agentImage(plan.agent),
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
    volumeMounts: plan.mounts.map((mount) => ({
      name: WORK_VOLUME,
      mountPath: mount.mountPath,
      ...(mount.subPath === "" ? {} : { subPath: mount.subPath }),
      ...(mount.readOnly ? { readOnly: true } : {}),
    })),
  };
}
