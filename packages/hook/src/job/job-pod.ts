import type { V1Pod, V1PodSpec, V1Volume } from "@kubernetes/client-node";
import type { AgentRuntime, PodOwner } from "@slipway/kube";
import { ownedMetadata } from "../cluster/owned-metadata.ts";
import { onRunnersNode, workVolume } from "../cluster/work-volume.ts";
import type { WorkPlacement } from "../work/work-placement.ts";
import { installContainer, RUNTIME_VOLUME, syncContainer } from "./job-agent.ts";
import { type ContainerPlan, jobContainer, type ServicePlan, serviceContainer } from "./job-container.ts";
import { SERVICES_ANNOTATION } from "./service-log.ts";

/** Everything that decides what a job's pod looks like, but for the template. */
export interface JobPlan {
  readonly name: string;
  readonly owner: PodOwner;
  readonly agent: AgentRuntime;
  /** The runner's externals in the agent's image. */
  readonly externals: string;
  readonly placement: WorkPlacement;
  readonly job: ContainerPlan;
  readonly services: readonly ServicePlan[];
  /** Sub paths of the work volume that are mounted somewhere. */
  readonly subPaths: readonly string[];
  /** Further volumes, all of them empty at first. */
  readonly volumes: readonly V1Volume[];
  readonly imagePullSecrets: readonly string[];
  /** Longest life of the pod, in seconds. */
  readonly jobTimeoutSeconds: number;
  /** Longest wait of its containers for one another, in seconds. */
  readonly startSeconds: number;
}

/** The group that the official hook gives to the volumes of its job pods: `runner` in its image. */
const RUNNER_GROUP = 1001;

/** The pod in which all script steps of a job run, before a template is applied to it. */
export function jobPod(plan: JobPlan): V1Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...ownedMetadata(plan.name, plan.owner), annotations: annotationsOf(plan) },
    spec: jobPodSpec(plan),
  };
}

/**
 * The same pod, for the API server. It gets the token of a service account only where the template names one: the token of the namespace's
 * own account would be there for every workflow, and nobody would have decided that.
 */
export function withTokenAsDecided(pod: V1Pod): V1Pod {
  const { spec } = pod;
  if (spec === undefined || spec.serviceAccountName !== undefined || spec.serviceAccount !== undefined)
    return pod;
  return { ...pod, spec: { automountServiceAccountToken: false, ...spec } };
}

function annotationsOf({ services }: JobPlan): Record<string, string> {
  return {
    // For people: `kubectl exec` and `kubectl logs` mean the job's container, which the official hook puts first.
    "kubectl.kubernetes.io/default-container": "job",
    ...(services.length === 0 ? {} : { [SERVICES_ANNOTATION]: services.map(({ name }) => name).join(",") }),
  };
}

function jobPodSpec(plan: JobPlan): V1PodSpec {
  const agentPlan = { ...plan, ownWork: plan.placement.kind === "copy" ? plan.subPaths : undefined };
  const hostNames = [plan.job, ...plan.services].flatMap(({ options }) => options.hostNames);
  return {
    restartPolicy: "Never",
    activeDeadlineSeconds: plan.jobTimeoutSeconds,
    terminationGracePeriodSeconds: 5,
    enableServiceLinks: false,
    ...onRunnersNode(plan.placement),
    ...groupOf(plan.placement),
    ...(plan.imagePullSecrets.length === 0
      ? {}
      : { imagePullSecrets: [...new Set(plan.imagePullSecrets)].map((name) => ({ name })) }),
    // All containers of a pod share its addresses.
    ...(hostNames.length === 0
      ? {}
      : { hostAliases: [{ ip: "127.0.0.1", hostnames: [...new Set(hostNames)] }] }),
    initContainers: [installContainer(agentPlan)],
    // The kubelet pulls and starts them in this order: `sync`, whose image is there, has its work done while the others are pulled.
    containers: [
      syncContainer(agentPlan),
      jobContainer(plan.job, plan.startSeconds),
      ...plan.services.map(serviceContainer),
    ],
    volumes: [
      { name: "agent", emptyDir: {} },
      { name: RUNTIME_VOLUME, emptyDir: {} },
      workVolume(plan.placement),
      ...plan.volumes,
    ],
  };
}

/**
 * The group of volumes, as in each of the official hooks. Copying: files that a template's volumes hold are the runner's group's. Shared: it
 * would make the kubelet go through every file of the claim, and take those that the runner has just written from it.
 */
function groupOf({ kind }: WorkPlacement): Pick<V1PodSpec, "securityContext"> {
  return kind === "copy" ? { securityContext: { fsGroup: RUNNER_GROUP } } : {};
}
