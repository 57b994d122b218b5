import { randomUUID } from "node:crypto";
import { readContainerAction } from "./action-file.ts";
import { actionFolder, containerStepArguments, type Stage } from "./container-step.ts";
import { FileCommands } from "./file-commands.ts";
import { type Disturbance, HookCaller, type JobSettings, type StepResult } from "./hook-caller.ts";
import { createWorkLayout, type WorkLayout } from "./work-layout.ts";

export interface ActionStep extends Disturbance {
  readonly kind: "action";
  /** `owner/repo[/path]@ref`, or `./path` in the workspace; the files must be there. */
  readonly uses: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly stage?: Stage;
}

/** Any input at all, for malformed and unusual calls. */
export interface RawStep extends Disturbance {
  readonly kind: "raw";
  readonly input: object;
}

export interface CleanupStep {
  readonly kind: "cleanup";
}

export type Step = ActionStep | RawStep | CleanupStep;

/** A stand-in for the runner's worker, call by call: makes the inputs as it does, one process a call, state carried from call to call. */
export class RunnerJob {
  readonly #settings: JobSettings;
  readonly #caller: HookCaller;

  constructor(settings: JobSettings, state: unknown = null) {
    this.#settings = settings;
    this.#caller = new HookCaller(settings, state);
  }

  get layout(): WorkLayout {
    return this.#caller.layout;
  }

  async start(): Promise<void> {
    await createWorkLayout(this.layout, this.#settings.event);
  }

  async run(step: Step, onOutput: (chunk: Buffer) => void = () => undefined): Promise<StepResult> {
    const commands = new FileCommands(this.layout.fileCommands, randomUUID());
    await commands.create();
    const { command, args } = await this.#call(step, commands);
    return this.#caller.call({
      command,
      args,
      commands,
      rawInput: step.kind === "raw" ? step.input : undefined,
      disturbance: step.kind === "cleanup" ? {} : step,
      onOutput,
    });
  }

  async #call(step: Step, commands: FileCommands): Promise<{ command: string; args: object }> {
    if (step.kind !== "action") return { command: "cleanup_job", args: {} };
    const folder = actionFolder(this.layout, step.uses);
    const action = await readContainerAction(folder, step.with ?? {});
    const args = containerStepArguments({
      layout: this.layout,
      action,
      actionFolder: folder,
      stage: step.stage ?? "main",
      env: step.env ?? {},
      commands,
    });
    return { command: "run_container_step", args };
  }
}
