import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { hookEnvironment, loadTestbed, PodRunner, type StepResult, type Testbed } from "@slipway/testbed";

/** The bundle under test, as `turbo run build` makes it. */
export const HOOK_BUNDLE = join(import.meta.dirname, "../dist/index.js");

/** A runner of these tests alone: what somebody else makes meanwhile does not count as left behind. */
const RUNNER_POD = "slipway-hook-tests";

/** What an operator would set on the runner container: ADR 0034's names, and what this test bed needs beside them. */
export function operatorSettings(
  testbed: Testbed,
  changes: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { ...hookEnvironment(testbed), ...changes };
}

/** A runner in the test bed's runner pod, with the hook installed. */
export async function clusterRunner(changes: Readonly<Record<string, string>> = {}): Promise<PodRunner> {
  const testbed = await loadTestbed();
  await testbed.createRunnerPod({ name: RUNNER_POD });
  const runner = new PodRunner({
    kubectl: testbed.kubectl,
    kubeconfig: testbed.kubeconfig,
    namespace: testbed.namespace,
    pod: RUNNER_POD,
    hook: HOOK_BUNDLE,
    env: operatorSettings(testbed, changes),
  });
  await runner.install();
  return runner;
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
