import { setTimeout as delay } from "node:timers/promises";
import type { V1Container, V1Pod, V1PodSpec } from "@kubernetes/client-node";
import { type Cluster, runnerLabel } from "./cluster.ts";
import type { OfficialSettings } from "./settings.ts";

const POLL_SECONDS = [1, 2, 4, 8, 16];
const LONGEST_POLL_SECONDS = 20;
const RUNNER_ID = 1001;

export function jobPodName({ runnerPod }: OfficialSettings): string {
  return `${runnerPod.slice(0, 54)}-workflow`;
}

/** Makes a pod, and waits until it runs by the official hook's clock: looks at 0, 1, 3, 7, 15, 31, 51… seconds. */
export async function startPod({ core, settings }: Cluster, name: string, spec: V1PodSpec): Promise<void> {
  const { namespace } = settings;
  const body: V1Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: runnerLabel(settings) },
    spec,
  };
  await core.createNamespacedPod({ namespace, body });
  for (let look = 0; ; look += 1) {
    const { status } = await core.readNamespacedPod({ namespace, name });
    if (status?.phase === "Running") return;
    if (status?.phase !== "Pending")
      throw new Error(`Pod ${name} is unhealthy with phase status ${status?.phase}`);
    await delay((POLL_SECONDS[look] ?? LONGEST_POLL_SECONDS) * 1000);
  }
}

export async function deletePod({ core, settings: { namespace } }: Cluster, name: string): Promise<void> {
  await core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 });
}

export async function deletePods(cluster: Cluster): Promise<void> {
  const { namespace } = cluster.settings;
  const { items } = await cluster.core.listNamespacedPod({ namespace, labelSelector: selector(cluster) });
  await Promise.all(items.map(({ metadata }) => deletePod(cluster, metadata?.name ?? "")));
}

export async function deleteSecrets(cluster: Cluster): Promise<void> {
  const { core, settings } = cluster;
  const { namespace } = settings;
  const { items } = await core.listNamespacedSecret({ namespace, labelSelector: selector(cluster) });
  await Promise.all(
    items.map(({ metadata }) => core.deleteNamespacedSecret({ namespace, name: metadata?.name ?? "" })),
  );
}

function selector({ settings }: Cluster): string {
  return new URLSearchParams(runnerLabel(settings)).toString();
}

/** The job's pod: an init container of the runner's image moves the externals, then a container that waits. */
export function jobPodSpec({ runnerImage }: OfficialSettings, job: V1Container): V1PodSpec {
  return {
    ...stepPodSpec(job),
    securityContext: { fsGroup: RUNNER_ID },
    initContainers: [
      {
        name: "fs-init",
        image: runnerImage,
        // Not described, and quicker than asking the registry each time.
        imagePullPolicy: "IfNotPresent",
        command: ["sh", "-c", "mv /home/runner/externals/* /mnt/externals && mkdir -p /mnt/work/_temp"],
        securityContext: { runAsUser: RUNNER_ID, runAsGroup: RUNNER_ID },
        volumeMounts: [
          { name: "externals", mountPath: "/mnt/externals" },
          { name: "work", mountPath: "/mnt/work" },
          { name: "github", mountPath: "/mnt/github" },
        ],
      },
    ],
  };
}

/** The pod of a container step: the three volumes and nothing of the job's. */
export function stepPodSpec(job: V1Container): V1PodSpec {
  const volumes = ["externals", "work", "github"].map((name) => ({ name, emptyDir: {} }));
  return { restartPolicy: "Never", containers: [job], volumes };
}

export function waitingContainer(image: string, workingDir: string): V1Container {
  return {
    name: "job",
    image,
    command: ["tail"],
    args: ["-f", "/dev/null"],
    workingDir,
    volumeMounts: [
      { name: "externals", mountPath: "/__e" },
      { name: "work", mountPath: "/__w" },
      { name: "github", mountPath: "/github" },
    ],
  };
}
