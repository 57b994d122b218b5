import type { WorkVolume } from "../cluster-parts.ts";
import { hookEnvironment } from "../environment.ts";
import type { Testbed } from "../testbed.ts";
import { PodRunner } from "./pod-runner.ts";

export interface StartRunnerOptions {
  /** Name of the runner pod: one of its own for each user, so that what others make does not count as left behind. */
  readonly pod: string;
  readonly serviceAccount?: string;
  /** Where its work folder lies, and with it which of ARC's modes this is. */
  readonly work?: WorkVolume;
  /** The hook's bundle on this machine. */
  readonly hook: string;
  /** Added to what an operator would set for this test bed. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A runner pod of the test bed, made unless it is there, with hook and stand-in installed and an empty work folder. */
export async function startRunner(testbed: Testbed, options: StartRunnerOptions): Promise<PodRunner> {
  const { pod, serviceAccount, work, hook, env = {} } = options;
  const { kubectl, kubeconfig, namespace } = testbed;
  await testbed.createRunnerPod({
    name: pod,
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
    ...(work === undefined ? {} : { work }),
  });
  const runner = new PodRunner({
    kubectl,
    kubeconfig,
    namespace,
    pod,
    hook,
    env: { ...hookEnvironment(testbed), ...env },
  });
  await runner.install();
  return runner;
}
