import type { V1ContainerStateTerminated, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { BuildError } from "@slipway/core";
import { containersOf, statusesOf } from "./pod-containers.ts";
import type { FailureContext } from "./pod-failure-context.ts";
import { because, oneLine } from "./pod-failure-text.ts";
import { waitingFailure } from "./pod-failure-waiting.ts";

/**
 * Why the pod cannot do its work, from reasons and conditions alone (Kubernetes documentation, "Pod Lifecycle"). undefined while it
 * still may, and when a container merely ended with an exit code: what that means only its own program knows.
 *
 * @returns POD_LOST, RESOURCE_EXHAUSTED, TIMED_OUT, IMAGE_UNAVAILABLE, INVALID_CONFIG, INVALID_REQUEST, UNSCHEDULABLE
 */
export function podFailure(pod: V1Pod, context: FailureContext = {}): BuildError | undefined {
  return (
    deadlineFailure(pod, context) ??
    outOfMemory(pod, context) ??
    evictionFailure(pod, context) ??
    nodeFailure(pod) ??
    startFailure(pod, context) ??
    waitingFailure(pod, context) ??
    refusedByNode(pod)
  );
}

function nameOf(pod: V1Pod): string {
  return pod.metadata?.name ?? "?";
}

function deadlineFailure(pod: V1Pod, context: FailureContext): BuildError | undefined {
  if (pod.status?.reason !== "DeadlineExceeded") return undefined;
  const seconds = pod.spec?.activeDeadlineSeconds;
  const limit = seconds === undefined ? "its deadline" : `its deadline of ${seconds} s`;
  return new BuildError("TIMED_OUT", `Pod ${nameOf(pod)} was stopped because ${limit} ran out`, {
    remedy: `Make the work shorter, or raise ${context.settings?.deadline ?? "the deadline"}`,
    details: { pod: nameOf(pod), ...(seconds === undefined ? {} : { seconds }) },
  });
}

// The reason decides, not the exit code: a killed child of Kaniko shows as 255, and 137 may be any SIGKILL. With exit code 0 a child
// was killed that a step could do without; but after such an init container the kubelet starts nothing more, and says nothing.
function outOfMemory(pod: V1Pod, context: FailureContext): BuildError | undefined {
  const status =
    pod.status?.initContainerStatuses?.find((init) => endOf(init)?.reason === "OOMKilled") ??
    pod.status?.containerStatuses?.find(
      ({ state }) => state?.terminated?.reason === "OOMKilled" && state.terminated.exitCode !== 0,
    );
  if (status === undefined) return undefined;
  const limit = containersOf(pod).find((container) => container.name === status.name)?.resources?.limits?.[
    "memory"
  ];
  const inForce =
    limit === undefined ? "the node had no more memory; the container has no limit" : `its limit is ${limit}`;
  return new BuildError(
    "RESOURCE_EXHAUSTED",
    `Container ${status.name} of pod ${nameOf(pod)} ran out of memory: ${inForce}`,
    {
      remedy: memoryRemedy(limit, context.settings?.memory?.[status.name]),
      details: {
        pod: nameOf(pod),
        container: status.name,
        exitCode: endOf(status)?.exitCode ?? -1,
      },
    },
  );
}

/** A sidecar that ended is started again, and its end is then its last state. */
function endOf({ state, lastState }: V1ContainerStatus): V1ContainerStateTerminated | undefined {
  return state?.terminated ?? lastState?.terminated;
}

function memoryRemedy(limit: string | undefined, setting: string | undefined): string {
  if (setting !== undefined) return `Raise ${setting}`;
  if (limit !== undefined) return "Raise the memory limit of the container";
  return "Let the container request the memory it needs, so that it gets a node that has it";
}

// The kubelet's words for a limit that the same pod would reach again on any node.
const OWN_LIMIT = /exceeds the (total )?limit|exceeded its local ephemeral storage limit/;

function evictionFailure(pod: V1Pod, context: FailureContext): BuildError | undefined {
  const disruption = pod.status?.conditions?.find(
    (condition) => condition.type === "DisruptionTarget" && condition.status === "True",
  );
  const reason = pod.status?.reason;
  if (reason !== "Evicted" && reason !== "Preempting" && disruption === undefined) return undefined;
  const text = pod.status?.message ?? disruption?.message;
  const details = { pod: nameOf(pod), reason: disruption?.reason ?? reason ?? "" };
  if (OWN_LIMIT.test(text ?? "")) {
    return new BuildError(
      "RESOURCE_EXHAUSTED",
      `Pod ${nameOf(pod)} used more disk than it may${because(text)}`,
      {
        remedy: `Raise ${diskSetting(text ?? "", context)}, or make the context and the image smaller`,
        details,
      },
    );
  }
  return new BuildError("POD_LOST", `Pod ${nameOf(pod)} was evicted (${details.reason})${because(text)}`, {
    remedy: "Give the pod higher requests or a priorityClass, or the node more room",
    details,
  });
}

function diskSetting(text: string, { settings }: FailureContext): string {
  const volume = /EmptyDir volume(?: "([^"]*)")?/.exec(text);
  if (volume === null) return "the ephemeral-storage limit of the container";
  return settings?.volumes?.[volume[1] ?? ""] ?? settings?.storage ?? "the size limit of the volume";
}

function nodeFailure(pod: V1Pod): BuildError | undefined {
  const lost = statusesOf(pod).some(
    (status) => status.state?.terminated?.reason === "ContainerStatusUnknown",
  );
  const unknown = pod.status?.phase === "Unknown" || pod.status?.reason === "NodeLost";
  const shutdown =
    pod.status?.reason === "Terminated" ||
    pod.status?.reason === "Shutdown" ||
    pod.status?.reason === "NodeShutdown";
  if (!lost && !unknown && !shutdown) return undefined;
  const node = pod.spec?.nodeName ?? "?";
  return new BuildError(
    "POD_LOST",
    `Node ${node} of pod ${nameOf(pod)} is gone${because(pod.status?.message)}`,
    {
      remedy: `Look at node ${node}: it stopped or was removed while the pod ran`,
      details: { pod: nameOf(pod), node },
    },
  );
}

const NEVER_STARTED = ["StartError", "ContainerCannotRun", "RunContainerError"];

function startFailure(pod: V1Pod, context: FailureContext): BuildError | undefined {
  const status = statusesOf(pod).find(({ state }) =>
    NEVER_STARTED.includes(state?.terminated?.reason ?? state?.waiting?.reason ?? ""),
  );
  if (status === undefined) return undefined;
  const text = status.state?.terminated?.message ?? status.state?.waiting?.message;
  const byUser = status.name === context.userContainer;
  return new BuildError(byUser ? "INVALID_REQUEST" : "INVALID_CONFIG", startMessage(pod, status, text), {
    remedy: startRemedy(text, pod.spec?.nodeName),
    details: { pod: nameOf(pod), container: status.name, image: status.image },
  });
}

function startMessage(pod: V1Pod, status: V1ContainerStatus, text: string | undefined): string {
  const image = containersOf(pod).find((container) => container.name === status.name)?.image ?? status.image;
  return `Container ${status.name} (image ${oneLine(image)}) did not start${because(text)}`;
}

function startRemedy(text: string | undefined, node: string | undefined): string {
  if (/exec format error/.test(text ?? "")) {
    return `Use an image for the architecture of node ${node ?? "?"}, or a nodeSelector for nodes that match the image`;
  }
  if (/no such file or directory|not found/.test(text ?? "")) return "Name a program that is in the image";
  return "Check the entry point, the user and the security settings of the image";
}

// Whatever else made the kubelet refuse the pod: NodeAffinity, UnexpectedAdmissionError, OutOfcpu, …: another node may take it.
function refusedByNode(pod: V1Pod): BuildError | undefined {
  const reason = pod.status?.reason;
  if (pod.status?.phase !== "Failed" || reason === undefined || reason === "") return undefined;
  return new BuildError(
    "POD_LOST",
    `Node ${pod.spec?.nodeName ?? "?"} refused pod ${nameOf(pod)} (${reason})${because(pod.status.message)}`,
    {
      remedy: "Look at the node's capacity and labels; the pod was accepted by the scheduler only",
      details: { pod: nameOf(pod), reason },
    },
  );
}
