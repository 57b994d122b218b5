import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { installAptPackages } from "./apt-packages.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import {
  ensureRunnerPod,
  installClusterParts,
  registryPassword,
  waitForDns,
  waitForRegistries,
} from "./cluster-parts.ts";
import { DockerClient } from "./docker-client.ts";
import { daemonHost, lacksSysResource, startDaemon } from "./docker-daemon.ts";
import type { Folders } from "./folders.ts";
import { imageArchive } from "./image-folder.ts";
import { KindCluster, NODE } from "./kind-cluster.ts";
import { Kubectl } from "./kubectl.ts";
import { pushImageFolder, waitForRegistry } from "./mirror-push.ts";
import { configureNodeMirrors } from "./node-mirrors.ts";
import { BUILD_STEPS, type BuiltParts, buildParts, builtParts, linkPrograms, partsKey } from "./parts.ts";
import { Progress, type ProgressOutput } from "./progress.ts";
import { goProgram } from "./recipes/go-program.ts";
import { nodeImageTag } from "./recipes/node-image.ts";
import { isRoot } from "./settings.ts";
import { TestbedError } from "./testbed-error.ts";
import { names, readState, type TestbedState, writeState } from "./testbed-state.ts";
import { versions } from "./versions.ts";

const PACKAGES = ["docker.io", "containerd", "runc", "mmdebstrap", "iptables", "iproute2", "ca-certificates"];
const CLUSTER_STEPS = 6;

/** The test bed on kind, with everything made from packages. */
export class KindTestbed {
  readonly #folders: Folders;
  readonly #store: ArtifactStore;
  readonly #progress: Progress;

  constructor(folders: Folders, store: ArtifactStore, output: ProgressOutput) {
    this.#folders = folders;
    this.#store = store;
    this.#progress = new Progress(1 + BUILD_STEPS + CLUSTER_STEPS, output);
  }

  async up(): Promise<TestbedState> {
    if (!isRoot()) {
      throw new TestbedError("The test bed starts a Docker of its own, which needs root", {
        remedy:
          "Run as root, start Docker, or name a cluster of yours: SLIPWAY_TESTBED_KUBECONFIG=/path/to/kubeconfig",
      });
    }
    const parts = await builtParts(this.#store);
    const key = partsKey(parts);
    const running = await this.#running(key);
    if (running !== undefined) return running;
    await mkdir(this.#folders.state, { recursive: true, mode: 0o700 });
    await this.#progress.step("Debian packages", async ({ note, kept }) => {
      if (!(await installAptPackages(PACKAGES, note))) kept();
    });
    await buildParts(parts, this.#store, this.#progress);
    const cluster = await this.#cluster(parts, key);
    const state = await this.#install(cluster, parts, key);
    await writeState(this.#folders, state);
    return state;
  }

  /** The state, when a test bed made from these very parts answers in all its parts. */
  async #running(key: string): Promise<TestbedState | undefined> {
    const state = await readState(this.#folders);
    if (state?.key !== key) return undefined;
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
    return answers.every(({ stdout }) => ["1", "True"].includes(stdout)) ? state : undefined;
  }

  async #cluster(parts: BuiltParts, key: string): Promise<KindCluster> {
    const docker = await this.#progress.step("Docker daemon of our own", () => this.#startDocker());
    const tag = nodeImageTag(parts.nodeImage);
    await this.#progress.step("node image into Docker", async ({ kept }) => {
      if (await docker.hasImage(tag)) kept();
      else await docker.load(imageArchive(this.#store.pathOf(parts.nodeImage)));
    });
    const kubernetes = this.#store.pathOf(await goProgram("kubernetes"));
    const kind = join(this.#store.pathOf(await goProgram("kind")), "kind");
    const bin = await linkPrograms(this.#folders, { kubectl: join(kubernetes, "kubectl"), kind });
    const cluster = new KindCluster({
      kind,
      kubectl: join(bin, "kubectl"),
      docker,
      folders: this.#folders,
      image: tag,
    });
    await this.#progress.step("kind cluster", async ({ note, kept }) => {
      const state = await readState(this.#folders);
      if (state?.key === key && (await cluster.isHealthy())) return kept();
      await cluster.create(note);
      note("waiting for the node");
      await cluster.waitReady();
    });
    await configureNodeMirrors(docker);
    return cluster;
  }

  async #startDocker(): Promise<DockerClient> {
    const wrapper = join(this.#store.pathOf(await goProgram("runc-wrapper")), "runc-wrapper");
    await startDaemon(this.#folders, (await lacksSysResource()) ? wrapper : undefined);
    return new DockerClient(daemonHost(this.#folders));
  }

  async #install(cluster: KindCluster, parts: BuiltParts, key: string): Promise<TestbedState> {
    const kubectlPath = join(this.#folders.state, "bin", "kubectl");
    const kubectl = new Kubectl(kubectlPath, this.#folders.kubeconfig);
    const address = await cluster.nodeAddress();
    const mirrorUrl = `http://${address}:${names.mirrorPort}`;
    const password = await this.#progress.step("registries", async () => {
      await this.#importImage(this.#store.pathOf(parts.registryImage));
      const secret = await registryPassword(kubectl);
      await installClusterParts(
        { kubectl, registryImage: "docker.io/slipway-testbed/registry:local" },
        secret,
      );
      await waitForRegistries(kubectl);
      for (const port of [names.registryPort, names.mirrorPort])
        await waitForRegistry(`http://${address}:${port}`);
      return secret;
    });
    await this.#progress.step("base images into the mirror", async ({ note }) => {
      for (const { repository, tags, artifact } of parts.mirrored) {
        note(repository);
        await pushImageFolder(mirrorUrl, this.#store.pathOf(artifact), repository, tags);
      }
    });
    const { namespace, runnerPod: name, serviceAccounts, agentImage: image } = names;
    await this.#progress.step("runner pod", async () => {
      await ensureRunnerPod(kubectl, { name, namespace, serviceAccount: serviceAccounts.kubernetes, image });
      await waitForDns(kubectl);
    });
    return stateOf({ folders: this.#folders, kubectl: kubectlPath, address, password, parts, key });
  }

  async #importImage(folder: string): Promise<void> {
    const docker = new DockerClient(daemonHost(this.#folders));
    await docker.run(["exec", "-i", NODE, "ctr", "-n", "k8s.io", "images", "import", "-"], {
      input: imageArchive(folder),
    });
  }
}

interface Made {
  readonly folders: Folders;
  readonly kubectl: string;
  readonly address: string;
  readonly password: string;
  readonly parts: BuiltParts;
  readonly key: string;
}

function stateOf({ folders, kubectl, address, password, parts, key }: Made): TestbedState {
  const { registryPort, mirrorPort, mirrorPullHost: _, ...fixed } = names;
  const bases = parts.mirrored.filter(({ repository }) => repository.startsWith("library/"));
  return {
    ...fixed,
    key,
    kubeconfig: folders.kubeconfig,
    kubectl,
    registryPassword: password,
    registryUrl: `http://${address}:${registryPort}`,
    mirrorUrl: `http://${address}:${mirrorPort}`,
    kanikoImage: `gcr.io/kaniko-project/executor:${versions.googleKaniko}`,
    kanikoVersion: versions.googleKaniko,
    baseImages: bases.flatMap(({ repository, tags }) => tags.map((tag) => `docker.io/${repository}:${tag}`)),
  };
}
