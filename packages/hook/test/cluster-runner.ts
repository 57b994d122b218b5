import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  loadTestbed,
  type PodRunner,
  type StepResult,
  startRunner,
  type WorkflowOptions,
  type WorkflowResult,
} from "@slipway/testbed";
import { onTestFailed, onTestFinished } from "vitest";

/** The bundle under test, as `turbo run build` makes it. */
export const HOOK_BUNDLE = join(import.meta.dirname, "../dist/index.js");

const WORKFLOWS = join(import.meta.dirname, "workflows");

/** A runner of these tests alone: what somebody else makes meanwhile does not count as left behind. */
const RUNNER_POD = "slipway-hook-tests";

/** A runner in a pod of these tests, with the hook installed and the operator's settings changed as given. */
export async function clusterRunner(changes: Readonly<Record<string, string>> = {}): Promise<PodRunner> {
  return startRunner(await loadTestbed(), { pod: RUNNER_POD, hook: HOOK_BUNDLE, env: changes });
}

/** A name for an action that no other test uses. */
export function actionName(): string {
  return `octo-org/action-${randomBytes(4).toString("hex")}@v1`;
}

/** `action.yml` of a container action with a Dockerfile. */
export function dockerAction(runs: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ name: "test", runs: { using: "docker", image: "Dockerfile", ...runs } });
}

/** The code in the hook's last line. */
export function errorCode(result: StepResult): string | undefined {
  return /\[([A-Z_]+)\]/.exec(lastLine(result))?.[1];
}

export function lastLine(result: StepResult): string {
  return result.output.trimEnd().split("\n").at(-1) ?? "";
}

/** Both placements of the work folder, each under the service account that ARC's mode for it gives a runner. */
export const PLACEMENTS = [
  { placement: "shared", work: "claim" },
  { placement: "copied", work: "folder" },
] as const;

/** A runner pod for whole workflows, with the actions that they use: new for each test, since what root wrote on a claim is there to stay. */
export async function workflowRunner(
  work: (typeof PLACEMENTS)[number]["work"],
  env: Readonly<Record<string, string>> = {},
): Promise<PodRunner> {
  const pod = `slipway-${work}-${randomBytes(3).toString("hex")}`;
  const runner = await startRunner(await loadTestbed(), { pod, hook: HOOK_BUNDLE, work, env });
  onTestFinished(async () => {
    await runner.kubectl("delete", "pod", pod, "--now", "--ignore-not-found", "--wait=false");
  });
  for (const action of ["checkout", "stages", "javascript"])
    await runner.placeAction(`octo-org/${action}@v1`, join(WORKFLOWS, "actions", action));
  return runner;
}

/** Runs a workflow of these tests; its log is shown when the test fails. */
export async function runWorkflow(
  runner: PodRunner,
  name: string,
  options: WorkflowOptions = {},
  onOutput?: (chunk: Buffer) => void,
): Promise<WorkflowResult> {
  const text = await readFile(join(WORKFLOWS, `${name}.yml`), "utf8");
  const job = await runner.runWorkflow(text, options, onOutput);
  onTestFailed(() => void process.stdout.write(job.log));
  return job;
}
