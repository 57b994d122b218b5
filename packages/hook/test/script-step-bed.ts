import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadAgentSource } from "@slipway/agent/testing";
import { ApiServer, apiFor, spawnedCommand } from "@slipway/kube/testing";
import { afterEach, beforeAll, beforeEach } from "vitest";
import { type JobState, stateWithJob } from "../src/protocol/job-state.ts";
import { runSession } from "../src/script-step/job-session.ts";
import { jobWorkTree, rememberedFile, WorkSync } from "../src/work/work-sync.ts";
import { bundleHook, type EndedHook, HookProcess, RunnerFolders } from "./hook-process.ts";

const POD = "arc-runner-workflow";

/** `serve` and `supervise` as processes of this machine, in place of the containers of a job pod. */
export class LocalJobPod {
  readonly server: ApiServer;
  readonly home: string;
  /** What the job container sees as `/__w`. */
  readonly work: string;
  readonly serve: ChildProcess;
  readonly supervise: ChildProcess;

  private constructor(server: ApiServer, home: string) {
    this.server = server;
    this.home = home;
    this.work = join(home, "work/__w");
    const runtime = join(home, "runtime");
    const [externals, work] = [join(home, "externals"), join(home, "work")];
    this.serve = this.#agent("serve", { home, externals, runtime, work });
    this.supervise = this.#agent("supervise", { socket: join(runtime, "slipway/io/supervisor.sock") });
    server.onExec(spawnedCommand((command) => command.map((word) => this.#onThisMachine(word))));
  }

  static async start(server: ApiServer, agentSource: string): Promise<LocalJobPod> {
    const home = await mkdtemp(join(tmpdir(), "slipway-job-"));
    for (const folder of ["externals", "runtime/externals", "runtime/slipway/io", "work"])
      await mkdir(join(home, folder), { recursive: true });
    await writeFile(join(home, "agent.cjs"), agentSource);
    const containers = ["job", "sync"].map((name) => ({ name }));
    server.addPod({ metadata: { name: POD }, spec: { containers } }).phase("Running");
    server.pod(POD).running("job").running("sync");
    return new LocalJobPod(server, home);
  }

  get state(): JobState {
    return { pod: POD, uid: undefined, agentNode: "/agent-node", placement: { kind: "copy" } };
  }

  /** What prepare_job does at its end. */
  async begin(folders: RunnerFolders, environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const workFolder = folders.work;
    const sync = new WorkSync({
      trees: [jobWorkTree(workFolder)],
      workFolder,
      remembered: rememberedFile(workFolder),
    });
    await runSession(
      this.state,
      {
        request: { kind: "begin", environment, files: true },
        files: () => sync.all(),
        onReceived: () => sync.confirm(),
      },
      { api: apiFor(this.server), signal: new AbortController().signal },
    );
  }

  /** As the end of a pod ends everything in it: the programs of steps have process groups of their own. */
  stop(): void {
    const { pid } = this.supervise;
    const children = `/proc/${pid}/task/${pid}/children`;
    const programs = existsSync(children) ? readFileSync(children, "utf8").split(" ").filter(Boolean) : [];
    for (const child of [this.serve, this.supervise]) child.kill("SIGKILL");
    for (const program of programs) process.kill(-Number(program), "SIGKILL");
  }

  #agent(command: string, options: object): ChildProcess {
    const args = [join(this.home, "agent.cjs"), command, JSON.stringify(options)];
    return spawn(process.execPath, args, { stdio: "ignore", cwd: this.home });
  }

  #onThisMachine(word: string): string {
    if (word === "/agent-node") return process.execPath;
    if (word === "/slipway/agent.cjs") return join(this.home, "agent.cjs");
    return word.startsWith("{") ? JSON.stringify({ home: this.home, ...JSON.parse(word) }) : word;
  }
}

export interface ScriptStepBed {
  bundle: string;
  server: ApiServer;
  pod: LocalJobPod;
  folders: RunnerFolders;
  /** Writes the script to the runner's `_temp`, as the runner does, and starts the hook for it. */
  start(script: string, args?: Readonly<Record<string, unknown>>): Promise<HookProcess>;
  run(script: string, args?: Readonly<Record<string, unknown>>): Promise<EndedHook>;
  /** Starts the hook with any input. */
  hook(input: unknown): Promise<HookProcess>;
}

/** A scripted API server before a real agent, and a job that has begun, for every test of the file. */
export function scriptStepBed(): ScriptStepBed {
  const bed = {} as ScriptStepBed;
  let agentSource: string;
  beforeAll(async () => {
    [bed.bundle, agentSource] = await Promise.all([bundleHook(), loadAgentSource()]);
  });
  beforeEach(async () => {
    bed.server = await ApiServer.start();
    bed.folders = await RunnerFolders.make();
    bed.pod = await LocalJobPod.start(bed.server, agentSource);
    await bed.pod.begin(bed.folders);
    bed.server.requests.length = 0;
  });
  afterEach(async () => {
    bed.pod.stop();
    await bed.server.stop();
  });
  bed.hook = async (input) => new HookProcess(bed.bundle, await bed.folders.env(bed.server.url), input);
  bed.start = async (script, args = {}) => {
    await bed.folders.write("_temp/step.sh", script);
    return bed.hook(scriptStep(bed, args));
  };
  bed.run = async (script, args) => (await bed.start(script, args)).ended;
  return bed;
}

/** As the runner sends it for `run:`, with paths of this machine for those of the container. */
export function scriptStep(
  { folders, pod }: ScriptStepBed,
  args: Readonly<Record<string, unknown>> = {},
): object {
  return {
    command: "run_script_step",
    responseFile: folders.responseFile,
    state: stateWithJob({}, pod.state),
    args: {
      entryPoint: "sh",
      entryPointArgs: ["-e", join(pod.work, "_temp/step.sh")],
      environmentVariables: {
        GITHUB_OUTPUT: join(pod.work, "_temp/_runner_file_commands/set_output_1"),
      },
      prependPath: [],
      workingDirectory: join(pod.work, "repo/repo"),
      ...args,
    },
  };
}
