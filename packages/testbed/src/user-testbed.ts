import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { installAptPackages } from "./apt-packages.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import { type BuildPlan, carryOut, mirrorArtifacts, stepCount } from "./build-plan.ts";
import { DockerClient } from "./docker-client.ts";
import { hasMachineDocker } from "./docker-daemon.ts";
import type { Folders } from "./folders.ts";
import { INSTALL_STEPS, installTestbed, isReady, type RunningCluster } from "./install-testbed.ts";
import { Kubectl } from "./kubectl.ts";
import { builtParts, type Parts, partsKey, pulledParts } from "./parts.ts";
import { Progress, type ProgressOutput } from "./progress.ts";
import { canPullImages } from "./reachability.ts";
import { childEnvironment } from "./settings.ts";
import { TestbedError } from "./testbed-error.ts";
import { names, readState, type TestbedState, writeState } from "./testbed-state.ts";
import { versions } from "./versions.ts";

export interface UserTestbedOptions {
  readonly folders: Folders;
  readonly store: ArtifactStore;
  readonly output: ProgressOutput;
  readonly kubeconfig: string;
}

/** The test bed in a cluster of the user's: only what goes into a cluster is made. Needs `kubectl` on PATH. */
export class UserTestbed {
  readonly #options: UserTestbedOptions;

  constructor(options: UserTestbedOptions) {
    this.#options = options;
  }

  async up(): Promise<TestbedState> {
    const { folders, store, output, kubeconfig } = this.#options;
    const docker =
      (await hasMachineDocker()) && (await canPullImages()) ? new DockerClient(undefined) : undefined;
    const parts = await this.#parts(docker);
    const before = await readState(folders);
    const same = before?.kubeconfig === kubeconfig && before.key === partsKey(parts);
    if (same && (await isReady(before))) return before;
    await mkdir(folders.state, { recursive: true, mode: 0o700 });
    const plan: BuildPlan = { first: [{ title: "images", ...mirrorArtifacts(parts) }], beside: [], last: [] };
    const progress = new Progress(1 + stepCount(plan) + INSTALL_STEPS, output);
    await progress.step("Debian packages", async ({ note, kept }) => {
      if (docker !== undefined || !(await installAptPackages(["mmdebstrap", "ca-certificates"], note)))
        kept();
    });
    await carryOut(plan, store, progress);
    const state = await installTestbed(await this.#cluster(), parts, store, progress);
    await writeState(folders, state);
    return state;
  }

  /** As on kind, but the cluster pulls the registry's own image, and has a node image of its own. */
  async #parts(docker: DockerClient | undefined): Promise<Parts> {
    const { store } = this.#options;
    const parts = docker === undefined ? await builtParts(store) : pulledParts(store, docker);
    const builders =
      docker === undefined
        ? {
            kanikoImage: `${names.mirrorPullHost}/kaniko-project/executor:${versions.googleKaniko}`,
            dindImage: `${names.mirrorPullHost}/library/docker:${versions.debianDocker}-dind`,
          }
        : {};
    return {
      ...parts,
      ...builders,
      nodeImage: undefined,
      registryImage: undefined,
      registryName: versions.registryImage,
    };
  }

  async #cluster(): Promise<RunningCluster> {
    const { kubeconfig } = this.#options;
    const kubectl = new Kubectl("kubectl", kubeconfig);
    const path = 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}';
    const addresses = await kubectl.run(["get", "nodes", "-o", path]);
    return {
      kubeconfig,
      kubectl: "kubectl",
      nodeAddress: addresses.split(" ")[0] ?? "",
      agentImage: `${names.mirrorPullHost}/actions/actions-runner:latest`,
      withMirror: (work) => forwarded(kubeconfig, work),
    };
  }
}

/** Reaches the mirror through the API server: nodes of such a cluster need not be reachable from here. */
async function forwarded(kubeconfig: string, work: (url: string) => Promise<void>): Promise<void> {
  const args = [
    "--kubeconfig",
    kubeconfig,
    "-n",
    "default",
    "port-forward",
    "service/registry-mirror",
    ":5000",
  ];
  const child = spawn("kubectl", args, { stdio: ["ignore", "pipe", "inherit"], env: childEnvironment() });
  const ended = once(child, "close");
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const port = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port !== undefined) return await work(`http://127.0.0.1:${port}`);
    }
    throw new TestbedError("kubectl port-forward to the mirror ended at once");
  } finally {
    child.kill();
    await ended;
  }
}
