import type { V1Pod } from "@kubernetes/client-node";
import { BuildError } from "@slipway/core";
import type { AgentRuntime, KubeApi, PodOwner } from "@slipway/kube";

/** What the runner's own pod tells: who owns what is made, and which image the agent can run in. */
export interface RunnerPod {
  readonly owner: PodOwner;
  readonly agent: AgentRuntime;
}

export interface RunnerPodOptions {
  readonly name: string;
  readonly agentImage: string | undefined;
  readonly agentNode: string | undefined;
  /** The Node that runs this process; it lies in the same image. */
  readonly execPath: string;
  readonly agentSource: string;
}

/**
 * Reads the pod we run in. The agent needs no image of its own: the runner's image is on the node already, and the operator trusts it.
 * Throws INVALID_CONFIG when there is no such pod and no other image was named.
 */
export async function readRunnerPod(
  api: KubeApi,
  options: RunnerPodOptions,
  signal: AbortSignal,
): Promise<RunnerPod> {
  const pod = await api.get("pods", options.name, signal);
  const uid = pod?.metadata?.uid;
  const owner: PodOwner = { runnerPod: options.name, ...(uid === undefined ? {} : { uid }) };
  const image = options.agentImage ?? imageOf(pod);
  if (image === undefined) throw unknownImage(options.name, api.namespace);
  const ownNode = options.agentImage === undefined ? options.execPath : "node";
  const imagePullSecrets = (pod?.spec?.imagePullSecrets ?? []).flatMap(({ name }) => (name ? [name] : []));
  return {
    owner,
    agent: { image, node: options.agentNode ?? ownNode, source: options.agentSource, imagePullSecrets },
  };
}

/** ARC calls the container `runner`; other set-ups have one that is the first. */
function imageOf(pod: V1Pod | undefined): string | undefined {
  const containers = pod?.spec?.containers ?? [];
  return (containers.find(({ name }) => name === "runner") ?? containers[0])?.image;
}

function unknownImage(pod: string, namespace: string): BuildError {
  return new BuildError(
    "INVALID_CONFIG",
    `There is no pod "${pod}" in namespace "${namespace}" to take the agent's image from`,
    {
      remedy:
        "Set ACTIONS_RUNNER_POD_NAME from metadata.name and ACTIONS_RUNNER_KUBERNETES_NAMESPACE from metadata.namespace, or set SLIPWAY_AGENT_IMAGE",
    },
  );
}
