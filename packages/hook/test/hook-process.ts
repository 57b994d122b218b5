import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The bundle of the sources as they are now, in a folder with nothing else. */
export async function bundleHook(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-hook-"));
  const script = join(import.meta.dirname, "../scripts/bundle.mjs");
  await promisify(execFile)(process.execPath, [script, folder]);
  return join(folder, "index.js");
}

export interface EndedHook {
  readonly exitCode: number | null;
  readonly output: string;
  readonly stderr: string;
}

/** One start of the hook, as the runner starts it. */
export class HookProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<EndedHook>;
  #output = "";
  #stderr = "";

  /** The runner starts it in the job's checkout: `cwd`. */
  constructor(bundle: string, env: Readonly<Record<string, string>>, input: unknown, cwd?: string) {
    const text = typeof input === "string" ? input : `${JSON.stringify(input)}\n`;
    this.child = spawn(process.execPath, [bundle], { env, cwd, stdio: ["pipe", "pipe", "pipe"] });
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.#output += chunk.toString("utf8");
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr += chunk.toString("utf8");
    });
    this.child.stdin?.on("error", () => undefined);
    this.child.stdin?.end(text);
    this.ended = new Promise((resolve) =>
      this.child.on("close", (exitCode) => resolve({ exitCode, output: this.#output, stderr: this.#stderr })),
    );
  }
}

/** The folders of a runner's job, with a checkout and the files of one step. */
export class RunnerFolders {
  readonly work: string;

  private constructor(work: string) {
    this.work = work;
  }

  static async make(): Promise<RunnerFolders> {
    const work = join(await mkdtemp(join(tmpdir(), "slipway-runner-")), "_work");
    const folders = new RunnerFolders(work);
    await folders.write("repo/repo/stays.txt", "y");
    await folders.write("repo/repo/to-delete.txt", "x");
    await folders.write("_temp/_runner_file_commands/set_output_1", "");
    await folders.write("_temp/_github_workflow/event.json", '{"action":"demo"}');
    await folders.write("_temp/_runner_hook_responses/1.json", "");
    await mkdir(join(work, "_temp/_github_home"), { recursive: true });
    return folders;
  }

  get responseFile(): string {
    return join(this.work, "_temp/_runner_hook_responses/1.json");
  }

  async write(path: string, text: string): Promise<string> {
    const file = join(this.work, path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, text);
    return file;
  }

  read(path: string): Promise<string> {
    return readFile(join(this.work, path), "utf8");
  }

  /** As the runner sends it for a container action. */
  containerStep(args: Readonly<Record<string, unknown>>, state: unknown = null): object {
    const mount = (source: string, target: string) => ({
      userProvidedValue: null,
      sourceVolumePath: source.startsWith("/") ? source : join(this.work, source),
      targetVolumePath: target,
      readOnly: false,
    });
    return {
      command: "run_container_step",
      responseFile: this.responseFile,
      state,
      args: {
        image: null,
        dockerfile: null,
        entryPointArgs: [],
        entryPoint: null,
        workingDirectory: "/github/workspace",
        createOptions: null,
        registry: null,
        environmentVariables: { GITHUB_OUTPUT: "/github/file_commands/set_output_1" },
        portMappings: [],
        systemMountVolumes: [
          mount("/var/run/docker.sock", "/var/run/docker.sock"),
          mount("_temp", "/github/runner_temp"),
          mount("_temp/_github_home", "/github/home"),
          mount("_temp/_github_workflow", "/github/workflow"),
          mount("_temp/_runner_file_commands", "/github/file_commands"),
          mount("repo/repo", "/github/workspace"),
        ],
        userMountVolumes: [],
        ...args,
      },
    };
  }

  /** What the runner sets for a hook, for the API server at `url`. */
  async env(url: string): Promise<Record<string, string>> {
    return {
      PATH: process.env["PATH"] ?? "",
      KUBECONFIG: await this.write("../kubeconfig", kubeconfig(url)),
      ACTIONS_RUNNER_POD_NAME: "arc-runner",
      RUNNER_WORKSPACE: join(this.work, "repo"),
      RUNNER_TEMP: join(this.work, "_temp"),
      GITHUB_WORKSPACE: join(this.work, "repo/repo"),
      SLIPWAY_AGENT_IMAGE: "runner:1",
      SLIPWAY_AGENT_NODE: "/agent-node",
    };
  }
}

function kubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    clusters: [{ name: "test", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "test", user: {} }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test", namespace: "jobs" } }],
  });
}
