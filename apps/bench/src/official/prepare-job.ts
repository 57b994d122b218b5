import { appendFile } from "node:fs/promises";
import type { Cluster } from "./cluster.ts";
import { copyToPod } from "./copy.ts";
import { outputInPod } from "./exec.ts";
import { deletePods, jobPodName, jobPodSpec, startPod, waitingContainer } from "./pods.ts";

export interface PrepareJobArguments {
  readonly container: {
    readonly image: string;
    readonly workingDirectory: string;
    readonly environmentVariables: Readonly<Record<string, string>>;
  };
}

export async function prepareJob(
  cluster: Cluster,
  { container }: PrepareJobArguments,
  responseFile: string,
): Promise<void> {
  const { settings } = cluster;
  const pod = jobPodName(settings);
  await deletePods(cluster);
  const job = {
    ...waitingContainer(container.image, container.workingDirectory),
    env: environmentOf(container),
  };
  await startPod(cluster, pod, jobPodSpec(settings, job));
  await copyToPod(cluster, pod, settings.work, "/__w");
  const isAlpine = await probeAlpine(cluster, pod);
  const context = { container: { image: container.image, ports: {} } };
  await appendFile(responseFile, JSON.stringify({ state: { jobPod: pod }, context, isAlpine }));
}

function environmentOf({
  environmentVariables,
}: PrepareJobArguments["container"]): { name: string; value: string }[] {
  const variables = { GITHUB_ACTIONS: "true", CI: "true", ...environmentVariables };
  return Object.entries(variables)
    .filter(([name, value]) => name !== "HOME" && value !== "")
    .map(([name, value]) => ({ name, value }));
}

/** Every failure of the probe means "no". */
async function probeAlpine(cluster: Cluster, pod: string): Promise<boolean> {
  const probe = ["sh", "-c", 'cat /etc/*release* | grep "^ID=*alpine*"'];
  return outputInPod(cluster, pod, probe).then(
    () => true,
    () => false,
  );
}
