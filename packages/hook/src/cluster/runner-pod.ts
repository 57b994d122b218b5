import { BuildError } from "@slipway/core";
import type { AgentRuntime, KubeApi, PodOwner } from "@slipway/kube";
import { findWorkPlacement, type PlacementSettings, type WorkPlacement } from "../work/work-placement.ts";
import { runnerContainer } from "./runner-container.ts";

/** What the runner's own pod tells: who owns what is made, which image the agent can run in, and where the work folder lies. */
export interface RunnerPod {
  readonly owner: PodOwner;
  readonly agent: AgentRuntime;
  readonly placement: WorkPlacement;
  /** undefined where the pod cannot be read. */
  readonly nodeName: string | undefined;
}

export interface RunnerPodOptions {
  readonly name: string;
  readonly agentImage: string | undefined;
  readonly agentNode: string | undefined;
  /** The runner's image, where its pod does not tell. */
  readonly runnerImage: string | undefined;
  /** The Node that runs this process; it lies in the same image. */
  readonly execPath: string;
  readonly agentSource: string;
  readonly work: PlacementSettings;
}

/**
 * Reads the pod we run in. The agent needs no image of its own: the runner's image is on the node already, and the operator trusts it.
 * Throws INVALID_CONFIG when there is no such pod and no other image was named, and as findWorkPlacement does.
 */
export async function readRunnerPod(
  api: KubeApi,
  options: RunnerPodOptions,
  signal: AbortSignal,
): Promise<RunnerPod> {
  const pod = await api.get("pods", options.name, signal);
  const uid = pod?.metadata?.uid;
  const owner: PodOwner = { runnerPod: options.name, ...(uid === undefined ? {} : { uid }) };
  const image = options.agentImage ?? runnerContainer(pod)?.image ?? options.runnerImage;
  if (image === undefined) throw unknownImage(options.name, api.namespace);
  const ownNode = options.agentImage === undefined ? options.execPath : "node";
  const imagePullSecrets = (pod?.spec?.imagePullSecrets ?? []).flatMap(({ name }) => (name ? [name] : []));
  return {
    owner,
    agent: { image, node: options.agentNode ?? ownNode, source: options.agentSource, imagePullSecrets },
    placement: findWorkPlacement(pod, options.work),
    nodeName: pod?.spec?.nodeName,
  };
}

function unknownImage(pod: string, namespace: string): BuildError {
  return new BuildError(
    "INVALID_CONFIG",
    `There is no pod "${pod}" in namespace "${namespace}" to take the agent's image from`,
    {
      remedy:
        "Set ACTIONS_RUNNER_POD_NAME from metadata.name and ACTIONS_RUNNER_KUBERNETES_NAMESPACE from metadata.namespace, or set ACTIONS_RUNNER_IMAGE to the runner's image",
    },
  );
}
