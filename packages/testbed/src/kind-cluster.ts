import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { DockerClient } from "./docker-client.ts";
import type { Folders } from "./folders.ts";
import { instanceOf } from "./instance.ts";
import { programFolder } from "./program-links.ts";
import { KUBEADM_PATCHES } from "./recipes/node-image.ts";
import { runCommand, tryCommand } from "./run-command.ts";
import { TestbedError } from "./testbed-error.ts";
import { waitUntil } from "./wait-until.ts";

export const CLUSTER = "slipway-testbed";
export const NODE = `${CLUSTER}-control-plane`;
export const NETWORK = "slipway-testbed";

export interface KindOptions {
  readonly kind: string;
  readonly docker: DockerClient;
  readonly folders: Folders;
  /** A node image made here; without it kind's own for its version. */
  readonly image: string | undefined;
}

/** One kind cluster of a fixed name. */
export class KindCluster {
  readonly #options: KindOptions;

  constructor(options: KindOptions) {
    this.#options = options;
  }

  /** True when the node runs and the API server answers. */
  async isHealthy(kubectl: string): Promise<boolean> {
    const { docker, folders } = this.#options;
    if (!(await docker.succeeds(["exec", NODE, "true"]))) return false;
    const { code } = await tryCommand([
      kubectl,
      "--kubeconfig",
      folders.kubeconfig,
      "--request-timeout=5s",
      "get",
      "--raw",
      "/readyz",
    ]);
    return code === 0;
  }

  async create(note: (text: string) => void): Promise<void> {
    const { docker, kind, folders, image } = this.#options;
    await this.delete();
    await this.#ensureNetwork();
    const config = join(folders.state, "kind.yaml");
    await writeFile(config, stringify(kindConfig(image !== undefined)));
    const args = [
      "create",
      "cluster",
      "--config",
      config,
      "--kubeconfig",
      folders.kubeconfig,
      "--wait",
      "0s",
    ];
    const imageArgs = image === undefined ? [] : ["--image", image];
    await runCommand([kind, ...args, ...imageArgs], {
      env: { ...docker.env, KIND_EXPERIMENTAL_DOCKER_NETWORK: NETWORK },
      onLine: (line) => note(line.trim().slice(0, 60)),
    });
    await chmod(folders.kubeconfig, 0o600);
  }

  async waitReady(kubectl: string): Promise<void> {
    const { folders } = this.#options;
    const kubernetes = [kubectl, "--kubeconfig", folders.kubeconfig];
    await runCommand([...kubernetes, "wait", "--for=condition=Ready", "node", "--all", "--timeout=180s"]);
    await waitUntil("the default service account", 60_000, async () => {
      const { code } = await tryCommand([...kubernetes, "-n", "default", "get", "serviceaccount", "default"]);
      return code === 0 ? true : undefined;
    });
  }

  async delete(): Promise<void> {
    const { docker, kind, folders } = this.#options;
    const { code, stderr } = await tryCommand(
      [kind, "delete", "cluster", "--name", CLUSTER, "--kubeconfig", folders.kubeconfig],
      {
        env: docker.env,
      },
    );
    if (code !== 0) throw new TestbedError(`kind could not delete the cluster ${CLUSTER}: ${stderr.trim()}`);
  }

  /** The kubectl of the node image, for this machine. */
  async takeKubectl(): Promise<string> {
    const { docker, folders } = this.#options;
    await mkdir(programFolder(folders), { recursive: true });
    const target = join(programFolder(folders), "kubectl");
    await docker.run(["cp", `${NODE}:/usr/bin/kubectl`, target]);
    return target;
  }

  async nodeAddress(): Promise<string> {
    return this.#options.docker.addressOf(NODE);
  }

  async #ensureNetwork(): Promise<void> {
    const { docker, folders } = this.#options;
    if (await docker.succeeds(["network", "inspect", NETWORK])) return;
    await docker.run([
      "network",
      "create",
      "--opt",
      `com.docker.network.bridge.name=${instanceOf(folders).bridge}`,
      NETWORK,
    ]);
  }
}

/** What kind made in Docker, removed without kind: `down` must not need a program that is built first. */
export async function removeKindContainers(docker: DockerClient): Promise<void> {
  const filter = `label=io.x-k8s.kind.cluster=${CLUSTER}`;
  const containers = (await docker.run(["ps", "--all", "--quiet", "--filter", filter]))
    .split("\n")
    .filter(Boolean);
  if (containers.length > 0)
    await docker.run(["rm", "--force", "--volumes", ...containers], { timeoutMs: 120_000 });
  await docker.succeeds(["network", "rm", NETWORK]);
}

/** Where there is one of each, electing a leader is a write every second for nothing. */
const ONE_CONTROL_PLANE = [
  {
    kind: "ClusterConfiguration",
    controllerManager: { extraArgs: { "leader-elect": "false" } },
    scheduler: { extraArgs: { "leader-elect": "false" } },
  },
];

const OF_OUR_NODE_IMAGE = [
  // As its containerd has it.
  { kind: "KubeletConfiguration", cgroupDriver: "cgroupfs" },
  { kind: "InitConfiguration", patches: { directory: KUBEADM_PATCHES } },
];

function kindConfig(ownImage: boolean): object {
  return {
    kind: "Cluster",
    apiVersion: "kind.x-k8s.io/v1alpha4",
    name: CLUSTER,
    // Our node image brings a network of its own, as the image of kind's cannot be pulled there.
    // Of kube-proxy's modes only iptables answers at localhost:NODEPORT, where the kubelet pulls from.
    networking: {
      disableDefaultCNI: ownImage,
      ipFamily: "ipv4",
      apiServerAddress: "127.0.0.1",
      kubeProxyMode: "iptables",
    },
    nodes: [{ role: "control-plane" }],
    kubeadmConfigPatches: [...ONE_CONTROL_PLANE, ...(ownImage ? OF_OUR_NODE_IMAGE : [])].map((patch) =>
      stringify(patch),
    ),
  };
}
