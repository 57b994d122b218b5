// The official Kubernetes hook 0.8.1 as the API server sees it: the same requests in the same order, written from descriptions of
// its behaviour and from its measured counts, for the bench alone. Where they leave a choice, the quicker way is taken.
// A process for each call, JSON on stdin, as the runner starts a hook.
import { text } from "node:stream/consumers";
import { type Cluster, connect, reviewAccess } from "./cluster.ts";
import { deletePods, deleteSecrets } from "./pods.ts";
import { type PrepareJobArguments, prepareJob } from "./prepare-job.ts";
import { type ContainerStepArguments, runContainerStep } from "./run-container-step.ts";
import { runScriptStep, type ScriptStepArguments } from "./run-script-step.ts";
import { officialSettings } from "./settings.ts";

interface Input {
  readonly command: string;
  readonly responseFile: string | null;
  readonly args: unknown;
  readonly state: { readonly jobPod?: string } | null;
}

async function serve(cluster: Cluster, { command, args, responseFile, state }: Input): Promise<void> {
  await reviewAccess(cluster);
  const jobPod = state?.jobPod ?? "";
  switch (command) {
    case "prepare_job":
      return prepareJob(cluster, args as PrepareJobArguments, responseFile ?? "");
    case "run_script_step":
      return runScriptStep(cluster, args as ScriptStepArguments, jobPod);
    case "run_container_step":
      return runContainerStep(cluster, args as ContainerStepArguments, jobPod);
    case "cleanup_job":
      await Promise.all([deletePods(cluster), deleteSecrets(cluster)]);
      return;
    default:
      throw new Error(`Command not recognized: ${command}`);
  }
}

try {
  const input = JSON.parse(await text(process.stdin)) as Input;
  await serve(connect(officialSettings()), input);
  process.exit(0);
} catch (error) {
  console.log(`::error::${error}`);
  process.exit(1);
}
