import { ensureRunnerPod, type WorkVolume } from "./cluster-parts.ts";
import { foldersOf } from "./folders.ts";
import { Kubectl } from "./kubectl.ts";
import type { Finished, RunOptions } from "./run-command.ts";
import { testbedSettings } from "./settings.ts";
import { TestbedError } from "./testbed-error.ts";
import { readState, type TestbedState } from "./testbed-state.ts";

/** A running test bed, for tests, demo and bench. */
export interface Testbed extends TestbedState {
  /** kubectl on this cluster; throws with its error output unless it ends with 0. */
  runKubectl(args: readonly string[], options?: Pick<RunOptions, "input">): Promise<string>;
  /** Runs a program in a runner pod, with `input` on its stdin, which is then closed. Any exit code is an answer. */
  execInRunner(
    argv: readonly string[],
    options?: { readonly input?: RunOptions["input"]; readonly pod?: string },
  ): Promise<Finished>;
  /** Puts one file into a runner pod, its folder made as needed. */
  copyToRunner(content: Buffer | string, path: string, options?: { readonly pod?: string }): Promise<void>;
  /**
   * One more runner pod, ready; deleting it, and with it its claim, is up to the caller. `work`: "claim", as ARC's `kubernetes` mode
   * has it, or "folder", as `kubernetes-novolume`: with the service account of that mode unless another is named. Without it: a folder,
   * and the account of `kubernetes`.
   */
  createRunnerPod(pod: {
    readonly name: string;
    readonly serviceAccount?: string;
    readonly namespace?: string;
    readonly work?: WorkVolume;
  }): Promise<void>;
}

/** The test bed that `npm run testbed -- up` made; throws when there is none. */
export async function loadTestbed(): Promise<Testbed> {
  const state = await readState(foldersOf(testbedSettings().cache));
  if (state === undefined) {
    throw new TestbedError("The test bed is not up", { remedy: "Run: npm run testbed -- up" });
  }
  return testbedOf(state);
}

function testbedOf(state: TestbedState): Testbed {
  const kubectl = new Kubectl(state.kubectl, state.kubeconfig);
  const exec: Testbed["execInRunner"] = (argv, { input, pod = state.runnerPod } = {}) =>
    kubectl.try(
      ["-n", state.namespace, "exec", "-i", pod, "-c", "runner", "--", ...argv],
      input === undefined ? {} : { input },
    );
  return {
    ...state,
    runKubectl: (args, options) => kubectl.run(args, options),
    execInRunner: exec,
    copyToRunner: async (content, path, options = {}) => {
      const script = 'mkdir -p "$(dirname "$1")" && cat > "$1"';
      const { code, stderr } = await exec(["sh", "-ec", script, "sh", path], { input: content, ...options });
      if (code !== 0)
        throw new TestbedError(`${path} could not be written in the runner pod: ${stderr.trim()}`);
    },
    createRunnerPod: ({
      name,
      work,
      serviceAccount = work === "folder" ? state.serviceAccounts.novolume : state.serviceAccounts.kubernetes,
      namespace = state.namespace,
    }) =>
      ensureRunnerPod(kubectl, {
        name,
        serviceAccount,
        namespace,
        image: state.agentImage,
        work: work ?? "folder",
      }),
  };
}
