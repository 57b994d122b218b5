import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { promisify } from "node:util";
import { build } from "esbuild";
import { actionFolder } from "./container-step.ts";
import type { StepResult } from "./hook-caller.ts";
import { runPodWorkflow, type WorkflowResult } from "./pod-workflow.ts";
import type { Step } from "./runner-job.ts";
import { workLayout } from "./work-layout.ts";
import type { WorkflowOptions } from "./workflow/workflow-job.ts";

const NODE = "/home/runner/externals/node20/bin/node";
const HOME = "/home/runner/slipway";
const WORK = "/home/runner/_work";

/** Where a runner pod is, and how to reach it. */
export interface PodRunnerOptions {
  readonly kubectl: string;
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly pod: string;
  /** The hook's bundle on this machine. */
  readonly hook: string;
  /** What the operator sets on the runner container. */
  readonly env: Readonly<Record<string, string>>;
  readonly repository?: string;
}

/** Files by path, or a folder on this machine. */
export type ActionFiles = string | Readonly<Record<string, string | Buffer>>;

/** Runs jobs in a runner pod as the runner would, with the hook in the pod: the test's side of the stand-in. */
export class PodRunner {
  readonly #options: PodRunnerOptions;
  readonly #repository: string;
  #state: unknown = null;

  constructor(options: PodRunnerOptions) {
    this.#options = options;
    this.#repository = options.repository ?? "octo-org/hello-world";
  }

  get pod(): string {
    return this.#options.pod;
  }

  /** Puts the hook and the stand-in for the runner into the pod, and empties its work folder. */
  async install(): Promise<void> {
    const bundle = await build({
      entryPoints: [join(import.meta.dirname, "main.ts")],
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      write: false,
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });
    await this.shell(`rm -rf ${HOME} ${WORK}/* && mkdir -p ${HOME} ${WORK}`);
    await this.#put(`${HOME}/runner.mjs`, Buffer.from(bundle.outputFiles[0]?.contents ?? []));
    await this.#put(`${HOME}/index.js`, await readFile(this.#options.hook));
    this.#state = null;
  }

  /** Puts the files of an action where the runner has them after "Set up job". */
  async placeAction(uses: string, files: ActionFiles): Promise<void> {
    await this.placeFiles(actionFolder(workLayout(WORK, this.#repository), uses), files);
  }

  /** Puts files into a folder of the pod, with their modes, links and times. */
  async placeFiles(folder: string, files: ActionFiles): Promise<void> {
    if (typeof files !== "string") return this.#placeTexts(folder, files);
    const tar = spawn("tar", ["-C", files, "-cf", "-", "."], { stdio: ["ignore", "pipe", "inherit"] });
    await this.shell(
      `mkdir -p '${folder}' && tar -C '${folder}' -xf - --no-same-owner`,
      await buffer(tar.stdout),
    );
  }

  /** One call of the hook; the state goes on to the next one. Output comes as it is printed, if wanted. */
  async run(step: Step, onOutput?: (chunk: Buffer) => void): Promise<StepResult> {
    const job = this.#job();
    const child = this.#exec([NODE, `${HOME}/runner.mjs`]);
    child.stdin.end(JSON.stringify({ job, step, state: this.#state }));
    if (onOutput !== undefined) child.stderr.on("data", onOutput);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (stdout === "")
      throw new Error(`The runner's stand-in ended without a result: ${stderr.slice(-2000)}`);
    const result = JSON.parse(stdout) as StepResult;
    this.#state = result.state;
    return result;
  }

  /** A whole job: the text of a workflow file with one. It survives an API server that goes away for a while. */
  async runWorkflow(
    workflow: string,
    options: WorkflowOptions = {},
    onOutput?: (chunk: Buffer) => void,
  ): Promise<WorkflowResult> {
    const pod = {
      shell: (script: string, input?: Buffer) => this.shell(script, input),
      stream: (script: string, onChunk: (chunk: Buffer) => void) => this.#stream(script, onChunk),
    };
    return runPodWorkflow(
      pod,
      { home: HOME, node: NODE, request: { job: this.#job(), workflow, options } },
      onOutput,
    );
  }

  /** Runs a script in the runner pod, as the runner's user; throws with its error output unless it ends with 0. */
  async shell(script: string, input?: Buffer): Promise<string> {
    const child = this.#exec(["sh", "-ec", script]);
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const exit = new Promise<number | null>((resolve) => child.on("close", resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const code = await exit;
    if (code !== 0)
      throw new Error(`In the runner pod, exit code ${code}: ${script.slice(0, 200)}\n${stderr}`);
    return stdout;
  }

  /** kubectl in the runner's namespace. */
  async kubectl(...args: string[]): Promise<string> {
    return this.kubectlWithInput("", ...args);
  }

  async kubectlWithInput(input: string, ...args: string[]): Promise<string> {
    const { kubectl, kubeconfig, namespace } = this.#options;
    const running = promisify(execFile)(kubectl, ["--kubeconfig", kubeconfig, "-n", namespace, ...args], {
      maxBuffer: 64 << 20,
    });
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  /** Names of everything that bears the runner's label: what must be nothing at the end. */
  async leftovers(): Promise<string[]> {
    const names = await this.kubectl(
      "get",
      "pods,secrets,jobs",
      "-l",
      `runner-pod=${this.#options.pod}`,
      "-o",
      "name",
    );
    return names.split("\n").filter((name) => name !== "");
  }

  #job(): object {
    return {
      work: WORK,
      node: NODE,
      hook: `${HOME}/index.js`,
      repository: this.#repository,
      env: this.#options.env,
      event: { action: "demo" },
    };
  }

  async #stream(script: string, onChunk: (chunk: Buffer) => void): Promise<void> {
    const child = this.#exec(["sh", "-c", script]);
    child.stdin.on("error", () => undefined);
    child.stdin.end();
    child.stdout.on("data", onChunk);
    child.stderr.resume();
    await new Promise((resolve) => child.on("close", resolve));
  }

  async #placeTexts(folder: string, files: Exclude<ActionFiles, string>): Promise<void> {
    const local = await mkdtemp(join(tmpdir(), "slipway-action-"));
    try {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(local, path)), { recursive: true });
        await writeFile(join(local, path), content, { mode: path.endsWith(".sh") ? 0o755 : 0o644 });
      }
      await this.placeFiles(folder, local);
    } finally {
      await rm(local, { recursive: true });
    }
  }

  async #put(path: string, content: Buffer): Promise<void> {
    await this.shell(`cat > '${path}'`, content);
  }

  #exec(command: readonly string[]) {
    const { kubectl, kubeconfig, namespace, pod } = this.#options;
    const args = [
      "--kubeconfig",
      kubeconfig,
      "-n",
      namespace,
      "exec",
      "-i",
      pod,
      "-c",
      "runner",
      "--",
      ...command,
    ];
    return spawn(kubectl, args, { stdio: ["pipe", "pipe", "pipe"] });
  }
}
