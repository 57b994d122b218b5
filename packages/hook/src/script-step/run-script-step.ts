import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { BuildError, type Clock, toBuildError } from "@slipway/core";
import type { KubeApi } from "@slipway/kube";
import { fromWireError, type StepRequest } from "@slipway/step-protocol";
import { finalLine } from "../output/final-line.ts";
import type { StepOutput } from "../output/step-output.ts";
import { inertLine } from "../output/workflow-commands.ts";
import type { HookState } from "../protocol/hook-input.ts";
import { requireJobState } from "../protocol/job-state.ts";
import { parseScriptStep, type ScriptStep } from "../protocol/script-step.ts";
import type { HookSettings } from "../settings.ts";
import { jobWorkTree, rememberedFile, WorkSync } from "../work/work-sync.ts";
import { FILE_COMMANDS_FOLDER, openFileCommands } from "./file-commands.ts";
import { runSession } from "./job-session.ts";
import type { SessionTask } from "./session-task.ts";

/** What the runner asks for with one call. */
export interface ScriptStepCall {
  readonly args: unknown;
  readonly state: HookState;
}

export interface ScriptStepServices {
  readonly settings: Pick<HookSettings, "workFolder" | "runnerWorkspace">;
  readonly api: KubeApi;
  readonly output: StepOutput;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/**
 * run_script_step: runs a program in the job container, prints its output as it is, and resolves with its exit code.
 * Rejects with a BuildError that says `failed to run script step`, as the official hooks do, where it was not run or not to its end.
 */
export async function runScriptStep(call: ScriptStepCall, services: ScriptStepServices): Promise<number> {
  try {
    return await run(call, services);
  } catch (error) {
    throw services.signal.aborted ? services.signal.reason : failedStep(toBuildError(error));
  }
}

async function run(call: ScriptStepCall, services: ScriptStepServices): Promise<number> {
  const step = parseScriptStep(call.args);
  const job = requireJobState(call.state);
  const { api, clock, output, settings, signal } = services;
  const onNotice = (text: string) => void output.between(inertLine(text));
  const task = {
    ...(job.placement.kind === "copy"
      ? copying(step, services, onNotice)
      : sharing(step, settings.workFolder)),
    onOutput: (chunk: Buffer) => output.raw(chunk),
  };
  const result = await runSession(job, task, {
    api,
    signal,
    onNotice,
    ...(clock === undefined ? {} : { clock }),
  });
  const failure = result.failure ?? (result.exit?.failure && fromWireError(result.exit.failure));
  if (failure !== undefined) await output.line(finalLine(failedStep(failure)));
  return result.exit?.exitCode ?? 1;
}

/** The pod's copy is brought up to date first, and what the runner reads afterwards comes back. */
function copying(
  step: ScriptStep,
  { settings, signal }: ScriptStepServices,
  onNotice: (text: string) => void,
): SessionTask {
  const { workFolder, runnerWorkspace } = settings;
  const sync = new WorkSync({
    trees: [jobWorkTree(workFolder)],
    workFolder,
    remembered: rememberedFile(workFolder),
  });
  const back = [join(workFolder, "_temp", FILE_COMMANDS_FOLDER), runnerWorkspace].map((folder) =>
    sync.pathOf(folder),
  );
  return {
    request: requestOf(step, back),
    files: () => sync.pending(),
    onReceived: () => sync.confirm(),
    sink: (stream) => sync.apply(stream, { only: back, signal, onNotice }),
  };
}

/** Both sides see the same files; only the owners differ. */
function sharing(step: ScriptStep, workFolder: string): SessionTask {
  openFileCommands(step.environment, workFolder);
  return { request: requestOf(step, []) };
}

function requestOf(step: ScriptStep, back: readonly string[]): StepRequest {
  const { entryPoint, args, workingDirectory, environment, prependPath } = step;
  return {
    kind: "step",
    id: randomUUID(),
    offset: 0,
    files: false,
    command: {
      entryPoint,
      args,
      ...(workingDirectory === undefined ? {} : { workingDirectory }),
      environment,
      prependPath,
    },
    back,
  };
}

/** The words that users of the official hooks look for. */
function failedStep(cause: BuildError): BuildError {
  const { code, message, remedy, details } = cause;
  return new BuildError(code, `failed to run script step: ${message}`, { remedy, details, cause });
}
