import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { actionFolder, type Stage } from "../container-step.ts";
import { FileCommands, parseKeyValues } from "../file-commands.ts";
import { type Disturbance, HookCaller, type JobSettings, type StepResult } from "../hook-caller.ts";
import { createWorkLayout } from "../work-layout.ts";
import { actionCall, type ProgramAction } from "./action-call.ts";
import { type Action, hasStage, imageAction, readAction } from "./action-kind.ts";
import { type ExpressionScope, interpolate, interpolateAll } from "./expression.ts";
import type { JobRecord, RecordedStage, StepRecord } from "./job-record.ts";
import { type Conclusion, JobState, type Scope } from "./job-state.ts";
import { prepareArguments } from "./prepare-arguments.ts";
import { readPrepareResponse } from "./prepare-response.ts";
import { shellArguments } from "./script-call.ts";
import { type JobSpec, type StepSpec, stepSpec } from "./workflow-file.ts";

export interface WorkflowOptions {
  /** By the name of a step. */
  readonly disturbances?: Readonly<Record<string, Disturbance>>;
  /** False: the runner is gone before it would call cleanup_job. */
  readonly cleanup?: boolean;
}

/** One use of an action: its stages share what GITHUB_STATE carries. */
interface ActionUse {
  readonly spec: StepSpec;
  readonly scope: Scope;
  state: Readonly<Record<string, string>>;
}

type Outcome = Pick<StepRecord, "conclusion" | "outputs"> & Partial<Pick<StepRecord, "error" | "hook">>;
type Call = (
  commands: FileCommands,
) => Promise<{ command: string; args: object }> | { command: string; args: object };

/** Runs one job as the runner's worker does: prepare_job, pre, main and post stages under their conditions, cleanup_job in any case. */
export class WorkflowJob {
  readonly #settings: JobSettings;
  readonly #job: JobSpec;
  readonly #options: WorkflowOptions;
  readonly #onOutput: (chunk: Buffer | string) => void;
  readonly #caller: HookCaller;
  readonly #state: JobState;
  readonly #records: StepRecord[] = [];
  readonly #uses = new Map<StepSpec, ActionUse>();
  readonly #posts: (() => Promise<void>)[] = [];

  constructor(
    settings: JobSettings,
    job: JobSpec,
    options: WorkflowOptions,
    onOutput: (chunk: Buffer | string) => void,
  ) {
    this.#settings = settings;
    this.#job = job;
    this.#options = options;
    this.#onOutput = onOutput;
    this.#caller = new HookCaller(settings);
    this.#state = new JobState(settings, job, this.#caller.layout);
  }

  async run(): Promise<JobRecord> {
    await createWorkLayout(this.#caller.layout, this.#settings.event);
    await mkdir(join(this.#caller.layout.root, "_tool"), { recursive: true });
    const scope: Scope = { status: "success", steps: {}, env: {}, inputs: {}, actionFolder: undefined };
    await this.#record("Initialize containers", "prepare", scope, () => this.#prepare());
    for (const spec of this.#job.steps) await this.#pre(spec, scope);
    for (const spec of this.#job.steps) await this.#step(spec, scope);
    for (const post of this.#posts.reverse()) await post();
    if (this.#options.cleanup !== false) {
      await this.#record("Stop containers", "cleanup", scope, () =>
        this.#call("Stop containers", () => ({ command: "cleanup_job", args: {} })),
      );
    }
    return { conclusion: this.#state.cancelled ? "cancelled" : scope.status, steps: this.#records };
  }

  async #prepare(): Promise<Outcome> {
    const args = prepareArguments(this.#job, this.#caller.layout);
    const outcome = await this.#call("Initialize containers", () => ({ command: "prepare_job", args }));
    if (outcome.conclusion === "success")
      this.#state.prepared = readPrepareResponse(outcome.hook?.response, args);
    return outcome;
  }

  /** Actions of other repositories are there before the first step runs; local ones have no pre stage. */
  async #pre(spec: StepSpec, scope: Scope): Promise<void> {
    if (spec.uses === undefined || /^(\.\/|docker:)/.test(spec.uses)) return;
    const action = await readAction(actionFolder(this.#caller.layout, spec.uses), spec.with);
    if (action.kind === "composite" || !hasStage(action, "pre")) return;
    await this.#record(spec.name, "pre", scope, () => this.#stage(this.#useOf(spec, scope), action, "pre"));
  }

  async #step(spec: StepSpec, scope: Scope): Promise<void> {
    if (!this.#state.holds(spec.condition, scope)) {
      this.#records.push({ name: spec.name, stage: "main", conclusion: "skipped", outputs: {} });
      this.#conclude(spec, scope, "skipped", {});
      return;
    }
    const { conclusion, outputs } = await this.#record(
      spec.name,
      "main",
      spec.continueOnError ? undefined : scope,
      () => (spec.run === undefined ? this.#action(spec, scope) : this.#script(spec, scope, spec.run)),
    );
    this.#conclude(spec, scope, conclusion, outputs);
  }

  #conclude(
    spec: StepSpec,
    scope: Scope,
    outcome: Conclusion,
    outputs: Readonly<Record<string, string>>,
  ): void {
    if (spec.id === undefined) return;
    const conclusion = outcome === "failure" && spec.continueOnError ? "success" : outcome;
    scope.steps[spec.id] = { outputs, outcome, conclusion };
  }

  #script(spec: StepSpec, scope: Scope, run: string): Promise<Outcome> {
    const { expressions, own } = this.#evaluated(spec, scope);
    const fill = (text: string | undefined): string | undefined =>
      text === undefined ? undefined : interpolate(text, expressions);
    // Defaults of the job do not reach into composite actions.
    const defaults = scope.actionFolder === undefined ? this.#job : undefined;
    const script = {
      text: interpolate(run, expressions),
      shell: fill(spec.shell ?? defaults?.shell),
      workingDirectory: fill(spec.workingDirectory ?? defaults?.workingDirectory),
    };
    return this.#call(spec.name, async (commands) => {
      const { layout, prependPath } = this.#state;
      const env = { ...this.#state.environment(scope, own), ...commands.environment(layout.fileCommands) };
      return { command: "run_script_step", args: await shellArguments(script, { layout, env, prependPath }) };
    });
  }

  async #action(spec: StepSpec, scope: Scope): Promise<Outcome> {
    const { uses = "" } = spec;
    const { expressions } = this.#evaluated(spec, scope);
    const given = interpolateAll(spec.with, expressions);
    const action = uses.startsWith("docker:")
      ? imageAction(uses, given)
      : await readAction(actionFolder(this.#caller.layout, uses), given);
    if (action.kind === "composite") return this.#composite(spec, scope, action);
    const use = this.#useOf(spec, scope);
    if (hasStage(action, "post")) {
      this.#posts.push(async () => {
        await this.#record(spec.name, "post", scope, () => this.#stage(use, action, "post"));
      });
    }
    return this.#stage(use, action, "main");
  }

  async #composite(
    spec: StepSpec,
    outer: Scope,
    action: Extract<Action, { kind: "composite" }>,
  ): Promise<Outcome> {
    const env = { ...outer.env, ...this.#evaluated(spec, outer).own };
    const scope: Scope = {
      status: "success",
      steps: {},
      env,
      inputs: action.inputs,
      actionFolder: action.folder,
    };
    for (const inner of action.steps.map(stepSpec)) await this.#step(inner, scope);
    const outputs = interpolateAll(action.outputs, this.#state.expressions(scope));
    return { conclusion: this.#state.cancelled ? "cancelled" : scope.status, outputs };
  }

  async #stage(use: ActionUse, action: ProgramAction, stage: Stage): Promise<Outcome> {
    const { own } = this.#evaluated(use.spec, use.scope);
    const states = Object.entries(use.state).map(([name, value]) => [`STATE_${name}`, value]);
    const env = { ...this.#state.environment(use.scope, own), ...Object.fromEntries(states) };
    const outcome = await this.#call(use.spec.name, (commands) =>
      actionCall(action, stage, env, commands, this.#state),
    );
    use.state = { ...use.state, ...parseKeyValues(outcome.hook?.fileCommands["GITHUB_STATE"] ?? "") };
    return outcome;
  }

  async #call(name: string, make: Call): Promise<Outcome & { readonly hook: StepResult }> {
    const commands = new FileCommands(this.#caller.layout.fileCommands, randomUUID());
    await commands.create();
    const hook = await this.#caller.call({
      ...(await make(commands)),
      commands,
      prependPath: this.#state.prependPath,
      disturbance: this.#options.disturbances?.[name] ?? {},
      onOutput: this.#onOutput,
    });
    this.#state.take(hook);
    const cancelled = hook.signalsSent.includes("SIGINT");
    if (cancelled) this.#state.cancelled = true;
    const failed = hook.exitCode === 0 ? "success" : "failure";
    return { conclusion: cancelled ? "cancelled" : failed, outputs: hook.outputs, hook };
  }

  /** What goes wrong in the stand-in itself fails the step, as an exception of a handler fails it in the runner. */
  async #record(
    name: string,
    stage: RecordedStage,
    scope: Scope | undefined,
    work: () => Promise<Outcome>,
  ): Promise<Outcome> {
    this.#onOutput(`\n##[${stage}] ${name}\n`);
    const outcome = await work().catch((error: unknown): Outcome => {
      const message = error instanceof Error ? error.message : String(error);
      this.#onOutput(`##[error]${message}\n`);
      return { conclusion: "failure", outputs: {}, error: message };
    });
    this.#records.push({ name, stage, ...outcome });
    if (outcome.conclusion === "failure" && scope !== undefined) scope.status = "failure";
    return outcome;
  }

  #useOf(spec: StepSpec, scope: Scope): ActionUse {
    const use = this.#uses.get(spec) ?? { spec, scope, state: {} };
    this.#uses.set(spec, use);
    return use;
  }

  #evaluated(spec: StepSpec, scope: Scope): { own: Record<string, string>; expressions: ExpressionScope } {
    const own = interpolateAll(spec.env, this.#state.expressions(scope));
    return { own, expressions: this.#state.expressions(scope, own) };
  }
}
