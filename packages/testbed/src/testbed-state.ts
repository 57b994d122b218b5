import { readFile, rename, writeFile } from "node:fs/promises";
import type { Folders } from "./folders.ts";

/** Everything about a running test bed that a test, a script or a shell needs; plain data. */
export interface TestbedState {
  /** What it was made from, and how: with images that could be pulled, or all from packages. */
  readonly key: string;
  readonly online: boolean;
  /** What the cluster itself was made from: another one is needed only when this changes. */
  readonly clusterKey: string;
  readonly kubeconfig: string;
  readonly kubectl: string;
  /** Where runners live; Pod Security `enforce: baseline`. */
  readonly namespace: string;
  readonly runnerPod: string;
  readonly serviceAccounts: { readonly kubernetes: string; readonly novolume: string };
  /** Registry that asks for a password: as pods that push name it, and as the kubelet names it. */
  readonly pushHost: string;
  readonly pullHost: string;
  /** Registry of base images, without a password, as pods name it. */
  readonly mirrorHost: string;
  readonly registrySecret: string;
  readonly registryUsername: string;
  readonly registryPassword: string;
  /** The same two registries as this machine reaches them. */
  readonly registryUrl: string;
  readonly mirrorUrl: string;
  readonly agentImage: string;
  readonly agentNode: string;
  readonly kanikoImage: string;
  readonly kanikoVersion: string;
  /** The image without root has this name with `-rootless`. */
  readonly dindImage: string;
  readonly dindVersion: string;
  readonly baseImages: readonly string[];
}

export const names = {
  namespace: "slipway-runners",
  runnerPod: "slipway-runner",
  serviceAccounts: { kubernetes: "slipway-runner", novolume: "slipway-runner-novolume" },
  pushHost: "docker-registry.default.svc.cluster.local:5000",
  pullHost: "localhost:31500",
  mirrorHost: "registry-mirror.default.svc.cluster.local:5000",
  mirrorPullHost: "localhost:31501",
  registrySecret: "slipway-registry",
  registryUsername: "slipway",
  registryPort: 31500,
  mirrorPort: 31501,
  agentImage: "ghcr.io/actions/actions-runner:latest",
  agentNode: "/home/runner/externals/node20/bin/node",
} as const;

export async function readState(folders: Folders): Promise<TestbedState | undefined> {
  try {
    return JSON.parse(await readFile(folders.stateFile, "utf8")) as TestbedState;
  } catch {
    return undefined;
  }
}

/** Holds the password, so only the owner may read it. */
export async function writeState(folders: Folders, state: TestbedState): Promise<void> {
  await writeFile(`${folders.stateFile}.new`, JSON.stringify(state, undefined, 2), { mode: 0o600 });
  await rename(`${folders.stateFile}.new`, folders.stateFile);
}
