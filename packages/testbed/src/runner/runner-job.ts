import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readContainerAction } from "./action-file.ts";
import { actionFolder, containerStepArguments, type Stage } from "./container-step.ts";
import { FileCommands, parseKeyValues } from "./file-commands.ts";
import { callHook, type HookExit } from "./hook-process.ts";
import { createWorkLayout, type WorkLayout, workLayout } from "./work-layout.ts";

/** What stays the same from step to step of one job. */
export interface JobSettings {
  readonly work: string;
  readonly node: string;
  readonly hook: string;
  /** `owner/name` */
  readonly repository: string;
  /** The environment of the runner's worker process, which hooks inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly event: object;
}

export interface ActionStep {
  readonly kind: "action";
  /** `owner/repo[/path]@ref`, or `./path` in the workspace; the files must be there. */
  readonly uses: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly stage?: Stage;
  readonly cancelWhen?: string;
  readonly kill?: boolean;
}

/** Any input at all, for malformed and unusual calls. */
export interface RawStep {
  readonly kind: "raw";
  readonly input: object;
  readonly cancelWhen?: string;
}

export interface CleanupStep {
  readonly kind: "cleanup";
}

export type Step = ActionStep | RawStep | CleanupStep;

export interface StepResult extends HookExit {
  readonly response: unknown;
  /** What the runner hands to the next call. */
  readonly state: unknown;
  readonly outputs: Readonly<Record<string, string>>;
  readonly fileCommands: Readonly<Record<string, string>>;
}

/** A stand-in for the runner's worker: makes the inputs as it does, one process a call, state carried from call to call. */
export class RunnerJob {
  readonly #settings: JobSettings;
  readonly #layout: WorkLayout;
  #state: unknown;

  constructor(settings: JobSettings, state: unknown = null) {
    this.#settings = settings;
    this.#layout = workLayout(settings.work, settings.repository);
    this.#state = state;
  }

  get layout(): WorkLayout {
    return this.#layout;
  }

  async start(): Promise<void> {
    await createWorkLayout(this.#layout, this.#settings.event);
  }

  async run(step: Step, onOutput: (chunk: Buffer) => void = () => undefined): Promise<StepResult> {
    const commands = new FileCommands(this.#layout.fileCommands, randomUUID());
    await commands.create();
    const { command, args } = await this.#call(step, commands);
    const responseFile = join(this.#layout.responses, `${randomUUID()}.json`);
    await writeFile(responseFile, "");
    const input = step.kind === "raw" ? step.input : { command, responseFile, args, state: this.#state };
    const exit = await callHook({
      node: this.#settings.node,
      hook: this.#settings.hook,
      cwd: this.#layout.workspace,
      env: this.#environment(commands),
      input,
      onOutput,
      ...("cancelWhen" in step && step.cancelWhen !== undefined
        ? { cancelWhen: new RegExp(step.cancelWhen) }
        : {}),
      ...("kill" in step && step.kill !== undefined ? { kill: step.kill } : {}),
    });
    const response = await this.#takeResponse(responseFile);
    const fileCommands = await commands.collect();
    return {
      ...exit,
      response,
      state: this.#state,
      fileCommands,
      outputs: parseKeyValues(fileCommands.GITHUB_OUTPUT),
    };
  }

  async #call(step: Step, commands: FileCommands): Promise<{ command: string; args: object }> {
    if (step.kind !== "action") return { command: "cleanup_job", args: {} };
    const folder = actionFolder(this.#layout, step.uses);
    const action = await readContainerAction(folder, step.with ?? {});
    const args = containerStepArguments({
      layout: this.#layout,
      action,
      actionFolder: folder,
      stage: step.stage ?? "main",
      env: step.env ?? {},
      commands,
    });
    return { command: "run_container_step", args };
  }

  /** Hooks see the paths of the runner's side, never those of a container. */
  #environment(commands: FileCommands): Record<string, string | undefined> {
    return {
      ...this.#settings.env,
      ...commands.environment(this.#layout.fileCommands),
      GITHUB_ACTIONS: "true",
      CI: "true",
      GITHUB_REPOSITORY: this.#settings.repository,
      GITHUB_WORKSPACE: this.#layout.workspace,
      GITHUB_EVENT_PATH: join(this.#layout.workflow, "event.json"),
      RUNNER_TEMP: this.#layout.temp,
      RUNNER_WORKSPACE: this.#layout.runnerWorkspace,
      RUNNER_OS: "Linux",
    };
  }

  /** An empty response means "nothing to say"; a state in it replaces the one before. */
  async #takeResponse(file: string): Promise<unknown> {
    const text = await readFile(file, "utf8");
    await rm(file);
    if (text.trim() === "") return undefined;
    const response = JSON.parse(text) as { state?: unknown };
    if (response.state !== undefined && response.state !== null) this.#state = response.state;
    return response;
  }
}
