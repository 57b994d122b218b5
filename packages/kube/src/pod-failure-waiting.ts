import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { BuildError } from "@slipway/core";
import { podHasEnded } from "./container-state.ts";
import { containersOf, statusesOf } from "./pod-containers.ts";
import type { FailureContext } from "./pod-failure-context.ts";
import { because, oneLine } from "./pod-failure-text.ts";

/** Seconds that a state may last which the cluster can leave by itself. */
const GRACE = { unschedulable: 600, imagePull: 300, containerConfig: 60, volumes: 120 } as const;

const PULLING = [
  "ErrImagePull",
  "ImagePullBackOff",
  "RegistryUnavailable",
  "ImageInspectError",
  "SignatureValidationFailed",
];
const NEVER_PULLED = ["InvalidImageName", "ErrImageNeverPull"];
const MISCONFIGURED = [
  "CreateContainerConfigError",
  "CreateContainerError",
  "PreCreateHookError",
  "PostStartHookError",
];

// Answers of a registry that a second try will not change, in the words of containerd, CRI-O and the Docker shim.
const FINAL_ANSWER =
  /not found|unauthori[sz]ed|authentication required|authorization failed|forbidden|denied|manifest unknown|name unknown|no match for platform|invalid reference|server gave HTTP response to HTTPS client|x509:/i;

/** Whether the kubelet waits because it could not pull an image, for now at least. */
export function isPullProblem(reason: string): boolean {
  return PULLING.includes(reason);
}

/** The failure that a waiting pod amounts to, by the policy of GRACE. */
export function waitingFailure(pod: V1Pod, context: FailureContext): BuildError | undefined {
  if (podHasEnded(pod)) return undefined;
  const waited = context.waitedSeconds ?? 0;
  return (
    unschedulable(pod, waited, context.unschedulableSeconds ?? GRACE.unschedulable) ??
    imageFailure(pod, waited) ??
    configFailure(pod, waited) ??
    sandboxFailure(pod, waited)
  );
}

function notScheduled(pod: V1Pod): string | undefined {
  const condition = pod.status?.conditions?.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  return condition === undefined ? undefined : (condition.message ?? condition.reason ?? "");
}

function unschedulable(pod: V1Pod, waited: number, grace: number): BuildError | undefined {
  const text = notScheduled(pod);
  if (text === undefined || waited < grace) return undefined;
  return new BuildError(
    "UNSCHEDULABLE",
    `No node took pod ${pod.metadata?.name} within ${grace} s${because(text)}`,
    {
      remedy: "Lower the requests of the pod, relax its nodeSelector and tolerations, or add nodes",
      details: { pod: pod.metadata?.name ?? "", seconds: grace },
    },
  );
}

function imageFailure(pod: V1Pod, waited: number): BuildError | undefined {
  const status = statusesOf(pod).find(({ state }) =>
    [...PULLING, ...NEVER_PULLED].includes(state?.waiting?.reason ?? ""),
  );
  const waiting = status?.state?.waiting;
  if (status === undefined || waiting === undefined) return undefined;
  const final = NEVER_PULLED.includes(waiting.reason ?? "") || FINAL_ANSWER.test(waiting.message ?? "");
  if (!final && waited < GRACE.imagePull) return undefined;
  const image = imageOf(pod, status);
  return new BuildError(
    "IMAGE_UNAVAILABLE",
    `The node cannot pull image ${image} of container ${status.name}${because(waiting.message)}`,
    {
      remedy: imageRemedy(pod, waiting.reason, waiting.message),
      details: { pod: pod.metadata?.name ?? "", container: status.name, image, reason: waiting.reason ?? "" },
    },
  );
}

function imageOf(pod: V1Pod, status: V1ContainerStatus): string {
  return oneLine(containersOf(pod).find(({ name }) => name === status.name)?.image ?? status.image);
}

function imageRemedy(pod: V1Pod, reason: string | undefined, text = ""): string {
  if (reason === "InvalidImageName") return "Correct the image name";
  if (reason === "ErrImageNeverPull") return "Load the image onto the node, or allow it to be pulled";
  if (/no match for platform/i.test(text)) return "Use an image for the node's architecture";
  if (/HTTP response to HTTPS client|x509:/i.test(text)) {
    return "Make the node's container runtime trust the registry: its certificate, or plain HTTP for this host";
  }
  if (!FINAL_ANSWER.test(text) && /timeout|connection refused|no such host|no route/i.test(text)) {
    return "Check that the node reaches the registry of the image";
  }
  const secrets = (pod.spec?.imagePullSecrets ?? []).map(({ name }) => name).join(", ");
  const access = secrets === "" ? "no imagePullSecrets are set" : `imagePullSecrets: ${secrets}`;
  return `Check that the image exists and that the node may pull it (${access})`;
}

function configFailure(pod: V1Pod, waited: number): BuildError | undefined {
  const status = statusesOf(pod).find(({ state }) => MISCONFIGURED.includes(state?.waiting?.reason ?? ""));
  if (status === undefined || waited < GRACE.containerConfig) return undefined;
  const text = status.state?.waiting?.message;
  return new BuildError(
    "INVALID_CONFIG",
    `Container ${status.name} of pod ${pod.metadata?.name} cannot be created${because(text)}`,
    {
      remedy: /secret|configmap|key/i.test(text ?? "")
        ? "Create the named object with that key in the namespace of the pod"
        : "Correct the setting that the message names",
      details: { pod: pod.metadata?.name ?? "", container: status.name },
    },
  );
}

// A volume that cannot be mounted shows in events only, which ARC's Role may not read; but without its volumes a pod gets no sandbox.
function lacksSandbox(pod: V1Pod): boolean {
  const conditions = pod.status?.conditions ?? [];
  const scheduled = conditions.some(({ type, status }) => type === "PodScheduled" && status === "True");
  return (
    scheduled &&
    conditions.some(({ type, status }) => type === "PodReadyToStartContainers" && status === "False")
  );
}

function sandboxFailure(pod: V1Pod, waited: number): BuildError | undefined {
  if (!lacksSandbox(pod) || waited < GRACE.volumes) return undefined;
  return new BuildError(
    "INVALID_CONFIG",
    `Node ${pod.spec?.nodeName} could not set up the volumes and network of pod ${pod.metadata?.name} within ${GRACE.volumes} s`,
    {
      remedy: `Check ${suspectOf(pod)}; \`kubectl describe pod\` shows the event`,
      details: { pod: pod.metadata?.name ?? "" },
    },
  );
}

function suspectOf({ spec }: V1Pod): string {
  if (spec?.hostUsers === false)
    return "that the node has user namespaces for pods, which takes Kubernetes 1.33 and containerd 2 or CRI-O";
  const secrets = (spec?.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []).join(", ");
  if (secrets !== "") return `that these Secrets exist with their keys: ${secrets}`;
  return "the node's network and storage plug-ins";
}
