import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadTestbed, type PodRunner, type StepResult, startRunner } from "@slipway/testbed";

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

/** A runner pod for whole workflows, with the actions that they use; `name` keeps the pods of test files apart. */
export async function workflowRunner(
  name: string,
  work: (typeof PLACEMENTS)[number]["work"],
): Promise<PodRunner> {
  const runner = await startRunner(await loadTestbed(), {
    pod: `slipway-${name}-${work}`,
    hook: HOOK_BUNDLE,
    work,
  });
  for (const action of ["checkout", "stages", "javascript"])
    await runner.placeAction(`octo-org/${action}@v1`, join(WORKFLOWS, "actions", action));
  return runner;
}

/** The text of a workflow of these tests. */
export function workflow(name: string): Promise<string> {
  return readFile(join(WORKFLOWS, `${name}.yml`), "utf8");
}
