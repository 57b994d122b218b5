import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Testbed } from "@slipway/testbed";
import { bundleOf } from "../bundle.ts";
import type { CallRequest, CallResult, FillRequest, HookCallRequest } from "./call-request.ts";
import { STEP_ID } from "./call-request.ts";

const HOME = "/home/runner/bench";
const WORK = "/home/runner/_work";
const NODE = "/home/runner/externals/node20/bin/node";
const REPOSITORY = "octo-org/hello-world";
const IMAGE = "debian:trixie-slim";

export const RUNNER_TEMP = `${WORK}/_temp`;
export const WORKSPACE = `${WORK}/hello-world/hello-world`;

export interface BenchRunnerOptions {
  readonly pod: string;
  /** The hook's bundle on this machine. */
  readonly hook: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A runner pod as ARC's `kubernetes-novolume` mode has it, with one hook in it, called as the runner calls it. */
export class BenchRunner {
  readonly #testbed: Testbed;
  readonly #options: BenchRunnerOptions;
  #state: unknown = null;

  constructor(testbed: Testbed, options: BenchRunnerOptions) {
    this.#testbed = testbed;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { pod, hook } = this.#options;
    await this.delete();
    const serviceAccount = this.#testbed.serviceAccounts.novolume;
    await this.#testbed.createRunnerPod({ name: pod, serviceAccount });
    const call = await bundleOf(join(import.meta.dirname, "main.ts"));
    await this.#testbed.copyToRunner(await readFile(call), `${HOME}/call.mjs`, { pod });
    await this.#testbed.copyToRunner(await readFile(hook), `${HOME}/hook/${basename(hook)}`, { pod });
    await this.#testbed.copyToRunner('{"type":"commonjs"}', `${HOME}/hook/package.json`, { pod });
  }

  async delete(): Promise<void> {
    const { namespace } = this.#testbed;
    const pods = [`${this.#options.pod}-workflow`, this.#options.pod];
    const now = ["--ignore-not-found", "--grace-period=0", "--force"];
    await this.#testbed.runKubectl(["-n", namespace, "delete", "pod", ...pods, ...now]);
  }

  async fill(folder: string, { files, bytes }: Pick<FillRequest, "files" | "bytes">): Promise<void> {
    await this.#send({ kind: "fill", folder, files, bytes });
  }

  async remove(folder: string): Promise<void> {
    const { pod } = this.#options;
    await this.#testbed.execInRunner(["rm", "-rf", folder], { pod });
  }

  prepareJob(options: CallOptions = {}): Promise<CallResult> {
    this.#state = null;
    const container = {
      image: IMAGE,
      dockerfile: null,
      entryPointArgs: [],
      entryPoint: null,
      workingDirectory: "/__w/hello-world/hello-world",
      createOptions: null,
      registry: null,
      environmentVariables: { HOME: "/github/home" },
      portMappings: [],
      systemMountVolumes: [
        mount("/var/run/docker.sock", "/var/run/docker.sock"),
        mount(WORK, "/__w"),
        mount("/home/runner/externals", "/__e", true),
        mount(RUNNER_TEMP, "/__w/_temp"),
        mount(`${WORK}/_actions`, "/__w/_actions"),
        mount(`${WORK}/_tool`, "/__w/_tool"),
        mount(`${RUNNER_TEMP}/_github_home`, "/github/home"),
        mount(`${RUNNER_TEMP}/_github_workflow`, "/github/workflow"),
      ],
      userMountVolumes: [],
    };
    return this.#call({ command: "prepare_job", args: { container, services: [] } }, options);
  }

  /** `run: echo hi` with the shell `sh`. */
  scriptStep(options: CallOptions = {}): Promise<CallResult> {
    const args = {
      entryPointArgs: ["-e", `/__w/_temp/${STEP_ID}.sh`],
      entryPoint: "sh",
      environmentVariables: stepEnvironment("/__w/_temp/_runner_file_commands", {
        GITHUB_WORKSPACE: "/__w/hello-world/hello-world",
        RUNNER_TEMP: "/__w/_temp",
      }),
      prependPath: [],
      workingDirectory: "/__w/hello-world/hello-world",
    };
    return this.#call({ command: "run_script_step", args, script: "echo hi\n" }, options);
  }

  /** `uses: docker://…` with the entry point `/bin/echo` and the argument `hi`. */
  containerStep(options: CallOptions = {}): Promise<CallResult> {
    const args = {
      image: IMAGE,
      dockerfile: null,
      entryPointArgs: ['"hi"'],
      entryPoint: "/bin/echo",
      workingDirectory: "/github/workspace",
      createOptions: null,
      registry: null,
      environmentVariables: stepEnvironment("/github/file_commands", {
        HOME: "/github/home",
        GITHUB_WORKSPACE: "/github/workspace",
        RUNNER_TEMP: "/github/runner_temp",
      }),
      portMappings: [],
      systemMountVolumes: [
        mount("/var/run/docker.sock", "/var/run/docker.sock"),
        mount(RUNNER_TEMP, "/github/runner_temp"),
        mount(`${RUNNER_TEMP}/_github_home`, "/github/home"),
        mount(`${RUNNER_TEMP}/_github_workflow`, "/github/workflow"),
        mount(`${RUNNER_TEMP}/_runner_file_commands`, "/github/file_commands"),
        mount(WORKSPACE, "/github/workspace"),
      ],
      userMountVolumes: [],
    };
    return this.#call({ command: "run_container_step", args }, options);
  }

  cleanupJob(options: CallOptions = {}): Promise<CallResult> {
    return this.#call({ command: "cleanup_job", args: {} }, options);
  }

  async #call(
    call: Pick<HookCallRequest, "command" | "args" | "script">,
    { counted = false }: CallOptions,
  ): Promise<CallResult> {
    const printed = await this.#send({
      kind: "call",
      ...call,
      counted,
      hook: `${HOME}/hook/${basename(this.#options.hook)}`,
      node: NODE,
      work: WORK,
      repository: REPOSITORY,
      state: this.#state,
      env: { ACTIONS_RUNNER_KUBERNETES_NAMESPACE: this.#testbed.namespace, ...this.#options.env },
    });
    const result = JSON.parse(printed) as CallResult;
    if (result.exitCode !== 0)
      throw new Error(
        `${this.#options.pod}: ${call.command} ended with ${result.exitCode}:\n${result.output}`,
      );
    this.#state = result.state;
    return result;
  }

  async #send(request: CallRequest): Promise<string> {
    const { pod } = this.#options;
    const input = JSON.stringify(request);
    const { code, stdout, stderr } = await this.#testbed.execInRunner([NODE, `${HOME}/call.mjs`], {
      pod,
      input,
    });
    if (code !== 0) throw new Error(`In the runner pod ${pod}, exit code ${code}: ${stderr}`);
    return stdout;
  }
}

export interface CallOptions {
  readonly counted?: boolean;
}

function mount(sourceVolumePath: string, targetVolumePath: string, readOnly = false): object {
  return { userProvidedValue: null, sourceVolumePath, targetVolumePath, readOnly };
}

function stepEnvironment(commands: string, own: Readonly<Record<string, string>>): Record<string, string> {
  return {
    ...own,
    GITHUB_ACTIONS: "true",
    CI: "true",
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_OUTPUT: `${commands}/set_output_${STEP_ID}`,
    GITHUB_ENV: `${commands}/set_env_${STEP_ID}`,
    GITHUB_PATH: `${commands}/add_path_${STEP_ID}`,
    GITHUB_STATE: `${commands}/save_state_${STEP_ID}`,
    GITHUB_STEP_SUMMARY: `${commands}/step_summary_${STEP_ID}`,
  };
}
