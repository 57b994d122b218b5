import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type FileCommands, parseKeyValues } from "./file-commands.ts";
import { callHook, type HookExit } from "./hook-process.ts";
import { type WorkLayout, workLayout } from "./work-layout.ts";

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

/** What happens to the hook from outside, once its output matches. */
export interface Disturbance {
  /** Cancels as the runner does. */
  readonly cancelWhen?: string;
  /** SIGKILL instead: a runner that is gone. */
  readonly kill?: boolean;
}

export interface StepResult extends HookExit {
  readonly response: unknown;
  /** What the runner hands to the next call. */
  readonly state: unknown;
  readonly outputs: Readonly<Record<string, string>>;
  readonly fileCommands: Readonly<Record<string, string>>;
}

export interface HookRequest {
  readonly command: string;
  readonly args: object;
  readonly commands: FileCommands;
  /** Instead of the whole input: for malformed calls. */
  readonly rawInput?: object | undefined;
  /** What workflow steps added to PATH, the newest first. */
  readonly prependPath?: readonly string[];
  readonly disturbance?: Disturbance;
  readonly onOutput: (chunk: Buffer) => void;
}

/** One process a call, its response read and the state carried from call to call. */
export class HookCaller {
  readonly layout: WorkLayout;
  readonly #settings: JobSettings;
  #state: unknown;

  constructor(settings: JobSettings, state: unknown = null) {
    this.#settings = settings;
    this.#state = state;
    this.layout = workLayout(settings.work, settings.repository);
  }

  async call(request: HookRequest): Promise<StepResult> {
    const { command, args, commands, disturbance: { cancelWhen, kill = false } = {} } = request;
    const responseFile = join(this.layout.responses, `${randomUUID()}.json`);
    await writeFile(responseFile, "");
    const exit = await callHook({
      node: this.#settings.node,
      hook: this.#settings.hook,
      cwd: this.layout.workspace,
      env: this.#environment(commands, request.prependPath ?? []),
      input: request.rawInput ?? { command, responseFile, args, state: this.#state },
      onOutput: request.onOutput,
      ...(cancelWhen === undefined ? {} : { cancelWhen: new RegExp(cancelWhen), kill }),
    });
    const response = await this.#takeResponse(responseFile);
    const fileCommands = await commands.collect();
    const outputs = parseKeyValues(fileCommands.GITHUB_OUTPUT);
    return { ...exit, response, state: this.#state, fileCommands, outputs };
  }

  /** Hooks see the paths of the runner's side, never those of a container. */
  #environment(commands: FileCommands, prependPath: readonly string[]): Record<string, string | undefined> {
    const { env, repository } = this.#settings;
    return {
      ...env,
      ...commands.environment(this.layout.fileCommands),
      PATH: [...prependPath, env["PATH"] ?? ""].join(":"),
      GITHUB_ACTIONS: "true",
      CI: "true",
      GITHUB_REPOSITORY: repository,
      GITHUB_WORKSPACE: this.layout.workspace,
      GITHUB_EVENT_PATH: join(this.layout.workflow, "event.json"),
      RUNNER_TEMP: this.layout.temp,
      RUNNER_TOOL_CACHE: join(this.layout.root, "_tool"),
      RUNNER_WORKSPACE: this.layout.runnerWorkspace,
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
