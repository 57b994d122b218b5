import type { ArtifactStore } from "./artifact-store.ts";
import {
  ensureRunnerPod,
  installClusterParts,
  registryPassword,
  waitForDns,
  waitForRegistries,
} from "./cluster-parts.ts";
import { Kubectl } from "./kubectl.ts";
import { pushImageFolder, waitForRegistry } from "./mirror-push.ts";
import { clusterKey, type Parts, partsKey } from "./parts.ts";
import type { Progress } from "./progress.ts";
import { names, type TestbedState } from "./testbed-state.ts";

/** A cluster that runs, and how this machine reaches it. */
export interface RunningCluster {
  readonly kubeconfig: string;
  readonly kubectl: string;
  /** Address of a node, where NodePorts are. */
  readonly nodeAddress: string;
  /** The runner's image as the kubelet can pull it. */
  readonly agentImage: string;
  /** Runs `work` with an address at which the mirror can be pushed to. */
  withMirror(work: (url: string) => Promise<void>): Promise<void>;
}

/** Number of steps that `installTestbed` takes. */
export const INSTALL_STEPS = 3;

/** Puts into a cluster what the tests need; safe to repeat. */
export async function installTestbed(
  cluster: RunningCluster,
  parts: Parts,
  store: ArtifactStore,
  progress: Progress,
): Promise<TestbedState> {
  const kubectl = new Kubectl(cluster.kubectl, cluster.kubeconfig);
  const password = await progress.step("registries", async () => {
    const secret = await registryPassword(kubectl);
    await installClusterParts({ kubectl, registryImage: parts.registryName }, secret);
    await waitForRegistries(kubectl);
    return secret;
  });
  await progress.step("base images into the mirror", ({ note }) =>
    cluster.withMirror(async (url) => {
      await waitForRegistry(url);
      for (const { repository, tags, artifact } of parts.mirrored.filter((image) =>
        store.has(image.artifact),
      )) {
        note(repository);
        await pushImageFolder(url, store.pathOf(artifact), repository, tags);
      }
    }),
  );
  const { runnerPod: name, namespace, serviceAccounts } = names;
  await progress.step("runner pod", async () => {
    await ensureRunnerPod(kubectl, {
      name,
      namespace,
      serviceAccount: serviceAccounts.kubernetes,
      image: cluster.agentImage,
    });
    await waitForDns(kubectl);
  });
  return stateOf(cluster, parts, password);
}

function stateOf(cluster: RunningCluster, parts: Parts, password: string): TestbedState {
  const { registryPort, mirrorPort, mirrorPullHost: _, ...fixed } = names;
  const bases = parts.mirrored.filter(
    ({ repository }) => repository.startsWith("library/") && repository !== "library/docker",
  );
  return {
    ...fixed,
    key: partsKey(parts),
    clusterKey: clusterKey(parts),
    online: parts.online,
    kubeconfig: cluster.kubeconfig,
    kubectl: cluster.kubectl,
    agentImage: cluster.agentImage,
    registryPassword: password,
    registryUrl: `http://${cluster.nodeAddress}:${registryPort}`,
    mirrorUrl: `http://${cluster.nodeAddress}:${mirrorPort}`,
    kanikoImage: parts.kanikoImage,
    kanikoVersion: parts.kanikoVersion,
    dindImage: parts.dindImage,
    dindVersion: parts.dindVersion,
    baseImages: bases.flatMap(({ repository, tags }) => tags.map((tag) => `docker.io/${repository}:${tag}`)),
  };
}

/** True when every part of a test bed answers that it is ready. */
export async function isReady(state: TestbedState): Promise<boolean> {
  const kubectl = new Kubectl(state.kubectl, state.kubeconfig);
  const ready = 'jsonpath={.status.readyReplicas}{.status.conditions[?(@.type=="Ready")].status}';
  const asks = [
    ["-n", "default", "get", "deployment", "registry-mirror", "-o", ready],
    ["-n", "default", "get", "deployment", "docker-registry", "-o", ready],
    ["-n", state.namespace, "get", "pod", state.runnerPod, "-o", ready],
  ];
  const answers = await Promise.all(
    asks.map((args) => kubectl.try(["--request-timeout=5s", ...args]).catch(() => ({ stdout: "" }))),
  );
  return answers.every(({ stdout }) => ["1", "True"].includes(stdout));
}
