import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { installAptPackages } from "./apt-packages.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import { buildPlan, carryOut, stepCount } from "./build-plan.ts";
import { DockerClient } from "./docker-client.ts";
import {
  daemonHost,
  hasMachineDocker,
  hasOwnDaemon,
  lacksSysResource,
  startDaemon,
} from "./docker-daemon.ts";
import type { Folders } from "./folders.ts";
import { imageArchive } from "./image-folder.ts";
import { INSTALL_STEPS, installTestbed, isReady, type RunningCluster } from "./install-testbed.ts";
import { KindCluster, NODE } from "./kind-cluster.ts";
import { Kubectl } from "./kubectl.ts";
import { putClaimsOnDisk } from "./node-claims.ts";
import { configureNodeMirrors } from "./node-mirrors.ts";
import { hasPackageRelay, startPackageRelay } from "./package-relay/relay-process.ts";
import { builtParts, clusterKey, type Parts, partsKey, pulledParts } from "./parts.ts";
import { hasKind, kindProgram, linkProgram } from "./program-links.ts";
import { Progress, type ProgressOutput } from "./progress.ts";
import { canPullImages } from "./reachability.ts";
import { goProgram } from "./recipes/go-program.ts";
import { nodeImageTag } from "./recipes/node-image.ts";
import { isRoot } from "./settings.ts";
import { TestbedError } from "./testbed-error.ts";
import { names, readState, type TestbedState, writeState } from "./testbed-state.ts";

const DAEMON_PACKAGES = ["docker.io", "containerd", "runc", "iproute2"];
// umoci is the second opinion on images, of tests and of the conformance app.
const BUILD_PACKAGES = ["mmdebstrap", "containerd", "ca-certificates", "umoci"];
const CLUSTER_STEPS = 4;

export interface KindTestbedOptions {
  readonly folders: Folders;
  readonly store: ArtifactStore;
  readonly output: ProgressOutput;
  /** Build everything from packages, even where images could be pulled. */
  readonly offline: boolean;
}

/** The test bed on kind. */
export class KindTestbed {
  readonly #options: KindTestbedOptions;
  readonly #folders: Folders;
  readonly #store: ArtifactStore;

  constructor(options: KindTestbedOptions) {
    this.#options = options;
    this.#folders = options.folders;
    this.#store = options.store;
  }

  async up(): Promise<TestbedState> {
    const before = await readState(this.#folders);
    if (before !== undefined && (await this.#isCurrent(before))) return before;
    const machineDocker = await hasMachineDocker();
    const docker = new DockerClient(machineDocker ? undefined : daemonHost(this.#folders));
    // Containers of a daemon of our own have no way to the world, so there everything is made from packages.
    const online = machineDocker && !this.#options.offline && (await canPullImages());
    if (!isRoot() && !online) throw needsRoot();
    const parts = await this.#parts(online, docker);
    const plan = await buildPlan(parts, !(await hasKind()));
    const progress = new Progress(CLUSTER_STEPS + stepCount(plan) + INSTALL_STEPS, this.#options.output);
    await mkdir(this.#folders.state, { recursive: true, mode: 0o700 });
    await progress.step("Debian packages", async ({ note, kept }) => {
      const wanted = [...(machineDocker ? [] : DAEMON_PACKAGES), ...(parts.online ? [] : BUILD_PACKAGES)];
      if (wanted.length === 0 || !(await installAptPackages(wanted, note))) kept();
    });
    await progress.step("Docker", async ({ note, kept }) =>
      machineDocker ? kept() : this.#startDocker(note),
    );
    await carryOut(plan, this.#store, progress);
    const cluster = await this.#cluster(parts, docker, before, progress);
    const state = await installTestbed(cluster, parts, this.#store, progress);
    await writeState(this.#folders, state);
    return state;
  }

  /** Made from these very parts, and ready in all of them. */
  async #isCurrent(state: TestbedState): Promise<boolean> {
    const parts = await this.#parts(state.online, new DockerClient(undefined));
    if (state.key !== partsKey(parts) || !(await isReady(state))) return false;
    return !(await hasOwnDaemon(this.#folders)) || hasPackageRelay(this.#folders);
  }

  async #parts(online: boolean, docker: DockerClient): Promise<Parts> {
    return online ? pulledParts(this.#store, docker) : builtParts(this.#store);
  }

  async #startDocker(note: (text: string) => void): Promise<void> {
    const lacking = await lacksSysResource();
    const wrapper = lacking
      ? join(await this.#store.ensure(await goProgram("runc-wrapper"), note), "runc-wrapper")
      : undefined;
    await startDaemon(this.#folders, wrapper);
  }

  async #cluster(
    parts: Parts,
    docker: DockerClient,
    before: TestbedState | undefined,
    progress: Progress,
  ): Promise<RunningCluster> {
    const image = await progress.step("node image into Docker", async ({ kept }) => {
      if (parts.nodeImage === undefined) return void kept();
      const tag = nodeImageTag(parts.nodeImage);
      if (await docker.hasImage(tag)) kept();
      else await docker.load(imageArchive(this.#store.pathOf(parts.nodeImage)));
      return tag;
    });
    const folders = this.#folders;
    const kind = await kindProgram(this.#store);
    const cluster = new KindCluster({ kind, docker, folders, image: image ?? undefined });
    const kubectl = await progress.step("kind cluster", async ({ note, kept }) => {
      if (before?.clusterKey === clusterKey(parts) && (await cluster.isHealthy(before.kubectl))) {
        kept();
        return before.kubectl;
      }
      await cluster.create(note);
      note("waiting for the node");
      const program = await this.#kubectl(parts, cluster);
      await cluster.waitReady(program);
      return program;
    });
    await configureNodeMirrors(docker);
    await putClaimsOnDisk(docker);
    if (await hasOwnDaemon(folders))
      await startPackageRelay(folders, docker, new Kubectl(kubectl, folders.kubeconfig));
    if (parts.registryImage !== undefined) await importImage(docker, this.#store.pathOf(parts.registryImage));
    const nodeAddress = await cluster.nodeAddress();
    const withMirror: RunningCluster["withMirror"] = (work) =>
      work(`http://${nodeAddress}:${names.mirrorPort}`);
    return { kubeconfig: folders.kubeconfig, kubectl, nodeAddress, agentImage: names.agentImage, withMirror };
  }

  /** kubectl of the cluster's own version: the one we built, or the one in kind's node image. */
  async #kubectl(parts: Parts, cluster: KindCluster): Promise<string> {
    if (parts.nodeImage === undefined) return cluster.takeKubectl();
    const built = this.#store.pathOf(await goProgram("kubernetes"));
    return linkProgram(this.#folders, "kubectl", join(built, "kubectl"));
  }
}

async function importImage(docker: DockerClient, folder: string): Promise<void> {
  const command = ["exec", "-i", NODE, "ctr", "-n", "k8s.io", "images", "import", "-"];
  await docker.run(command, { input: imageArchive(folder) });
}

function needsRoot(): TestbedError {
  return new TestbedError("The test bed would start a Docker of its own and build images, which needs root", {
    remedy:
      "Run it as root; or where images can be pulled, with a Docker that you may use; " +
      "or name a cluster of yours: SLIPWAY_TESTBED_KUBECONFIG=/path/to/kubeconfig",
  });
}
