import { randomUUID } from "node:crypto";
import { join, relative } from "node:path";
import { PassThrough } from "node:stream";
import type { Cluster } from "./cluster.ts";
import { copyFromPod, copyToPod } from "./copy.ts";
import { execInPod } from "./exec.ts";
import { deletePod, startPod, stepPodSpec, waitingContainer } from "./pods.ts";
import { execLine, type ScriptedProgram } from "./shell-script.ts";

export interface ContainerStepArguments extends ScriptedProgram {
  readonly image: string;
}

/** The job pod's whole `/__w` to the runner and on to the step's pod, where it is moved to its places; nothing comes back. */
export async function runContainerStep(
  cluster: Cluster,
  args: ContainerStepArguments,
  jobPod: string,
): Promise<void> {
  const { settings } = cluster;
  const pod = `${settings.runnerPod.slice(0, 49)}-step-${randomUUID().slice(0, 8)}`;
  await startPod(cluster, pod, stepPodSpec(waitingContainer(args.image, "/__w")));
  try {
    await copyFromPod(cluster, jobPod, "/__w", settings.work);
    await copyToPod(cluster, pod, join(settings.work, "__w"), "/__w");
    const script = scriptOf(args, relative(settings.work, settings.workspace));
    const own = { stdout: process.stdout, stderr: process.stderr };
    await execInPod(cluster, pod, ["sh", "-e", "-s"], { ...own, stdin: new PassThrough().end(script) });
  } finally {
    await deletePod(cluster, pod);
  }
}

function scriptOf(args: ContainerStepArguments, workspace: string): string {
  const temp = "/__w/_temp";
  return [
    `mv ${temp}/_github_home /github/home && mv ${temp}/_github_workflow /github/workflow && mv ${temp}/_runner_file_commands /github/file_commands || true`,
    `mv /__w/${workspace}/ /github/workspace`,
    `cd /github/workspace`,
    execLine(args),
    "",
  ].join("\n");
}
