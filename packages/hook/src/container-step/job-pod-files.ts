import type { Clock } from "@slipway/core";
import type { KubeApi } from "@slipway/kube";
import type { StepOutput } from "../output/step-output.ts";
import { inertLine } from "../output/workflow-commands.ts";
import type { JobState } from "../protocol/job-state.ts";
import { runSession } from "../script-step/job-session.ts";
import type { SessionTask } from "../script-step/session-task.ts";
import { jobWorkTree, rememberedFile, WorkSync } from "../work/work-sync.ts";

export interface JobPodContext {
  readonly api: KubeApi;
  readonly output: StepOutput;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** The runner's folders that a container step shares with the steps of its job. */
export interface JobFolderNames {
  /** `_work` */
  readonly workFolder: string;
  /** `_work/REPO` */
  readonly runnerWorkspace: string;
}

/**
 * The copy of the work folder in the job's pod, around a container step: that one works on the runner's files, so they have to be as the
 * steps before have left them, and the steps after have to see what it did. Rejects as runSession does.
 */
export class JobPodFiles {
  readonly #job: JobState;
  readonly #context: JobPodContext;
  readonly #workspace: string;
  readonly #sync: WorkSync;
  readonly #back: readonly string[];

  constructor(job: JobState, { workFolder, runnerWorkspace }: JobFolderNames, context: JobPodContext) {
    this.#job = job;
    this.#context = context;
    this.#workspace = runnerWorkspace;
    this.#sync = new WorkSync({
      trees: [jobWorkTree(workFolder)],
      workFolder,
      remembered: rememberedFile(workFolder),
    });
    this.#back = [`${workFolder}/_temp`, runnerWorkspace].map((folder) => this.#sync.pathOf(folder));
  }

  /** Brings everything new of the job's pod to the runner. */
  async collect(): Promise<void> {
    const only = this.#back;
    await this.#session({
      request: { kind: "collect", back: only },
      sink: (stream) =>
        this.#sync.apply(stream, {
          only,
          signal: this.#context.signal,
          onNotice: (text) => this.#tell(text),
        }),
    });
    this.#sync.watch(this.#workspace);
  }

  /** Brings everything new of the runner to the job's pod. */
  async put(): Promise<void> {
    let first = this.#sync.pending();
    if (first === undefined) return;
    await this.#session({
      request: { kind: "put" },
      files: () => {
        const stream = first ?? this.#sync.pending();
        first = undefined;
        return stream;
      },
      onReceived: () => this.#sync.confirm(),
    });
  }

  async #session(task: SessionTask): Promise<void> {
    const { api, clock, signal } = this.#context;
    await runSession(this.#job, task, {
      api,
      signal,
      onNotice: (text) => this.#tell(text),
      ...(clock === undefined ? {} : { clock }),
    });
  }

  #tell(text: string): void {
    void this.#context.output.line(inertLine(text));
  }
}
