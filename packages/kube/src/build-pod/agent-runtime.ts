import type { V1Container } from "@kubernetes/client-node";

/** Which image and which Node run the agent, and its text. By default the runner's own image: the node has it, and the operator trusts it. */
export interface AgentRuntime {
  readonly image: string;
  /** Path of Node 20 or newer in that image. */
  readonly node: string;
  /** One CommonJS file. */
  readonly source: string;
  /** Names of Secrets that the kubelet needs to pull the image. */
  readonly imagePullSecrets: readonly string[];
}

/** On whose behalf objects are made, so that they go away with it. */
export interface PodOwner {
  /** Name of the runner pod: the value of the label `runner-pod`, by which ARC cleans up. */
  readonly runnerPod: string;
  /** Of the runner pod. Known: objects get an owner reference, and Kubernetes cleans up by itself. */
  readonly uid?: string;
}

/**
 * What every container of ours has. Its Node is all that is asked of the image: for a tag `latest` the kubelet would ask the registry again for
 * each container.
 */
export function agentImage({
  image,
}: Pick<AgentRuntime, "image">): Pick<V1Container, "image" | "imagePullPolicy"> {
  return { image, imagePullPolicy: "IfNotPresent" };
}
