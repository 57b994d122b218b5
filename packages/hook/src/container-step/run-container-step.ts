import { BuildError, isBuildError, parseReference, toBuildError } from "@slipway/core";
import type { RunnerPod } from "../cluster/runner-pod.ts";
import type { StepImage, StepImages } from "../image/step-image.ts";
import { finalLine } from "../output/final-line.ts";
import { workflowCommand } from "../output/workflow-commands.ts";
import { type ContainerStep, type HookState, parseContainerStep } from "../protocol/hook-input.ts";
import { type SlipwayState, slipwayStateOf, writeState } from "../protocol/hook-response.ts";
import { type JobState, jobStateOf } from "../protocol/job-state.ts";
import { stepArguments } from "../protocol/step-arguments.ts";
import type { HookSettings } from "../settings.ts";
import { readPodTemplate } from "../template/parse-pod-template.ts";
import { JobPodFiles } from "./job-pod-files.ts";
import { runStep, type StepResult, type StepRunContext } from "./run-step.ts";
import { stepFolders } from "./step-folders.ts";
import { stepNames } from "./step-names.ts";
import { type StepPlan, templatedStepPod } from "./step-pod.ts";
import { assertStepEnvironment, stepSecret } from "./step-secret.ts";

export interface ContainerStepServices {
  readonly settings: HookSettings;
  readonly runner: RunnerPod;
  /** Made when a Dockerfile needs it: a ready image runs without a working builder. */
  readonly images: () => Promise<StepImages>;
  readonly context: Omit<StepRunContext, "barePod">;
}

/** What the runner asks for with one call. */
export interface ContainerStepCall {
  readonly args: unknown;
  readonly state: HookState;
  readonly responseFile: string | undefined;
}

/** Only a pod that was lost before the action's code began is replaced. */
const MAX_TRIES = 2;

/**
 * run_container_step: builds the image where there is a Dockerfile, runs it, and resolves with the step's exit code.
 * Rejects with a BuildError that says `failed to run container step`, as the official hooks do.
 */
export async function runContainerStep(
  call: ContainerStepCall,
  services: ContainerStepServices,
): Promise<number> {
  try {
    return await new ContainerStepRun(call, services).run();
  } catch (error) {
    const { signal } = services.context;
    throw signal.aborted ? signal.reason : failedStep(toBuildError(error));
  }
}

class ContainerStepRun {
  readonly #call: ContainerStepCall;
  readonly #services: ContainerStepServices;
  readonly #before: SlipwayState;
  readonly #job: JobState | undefined;

  constructor(call: ContainerStepCall, services: ContainerStepServices) {
    this.#call = call;
    this.#services = services;
    this.#before = slipwayStateOf(call.state);
    this.#job = jobStateOf(call.state);
  }

  async run(): Promise<number> {
    const step = parseContainerStep(this.#call.args);
    const plan = await this.#plan(step);
    const jobFiles = this.#jobFiles();
    await jobFiles?.collect();
    const image = await imageOf(step, this.#before, this.#services);
    const result = await this.#runStep(step, withImage(plan, image));
    const lost = jobFiles === undefined ? undefined : await this.#put(jobFiles, result);
    await remember(this.#call, this.#before, image, result).catch((error: unknown) => {
      // The step's own word comes first; the runner reads no response of a step that failed.
      if (result.exitCode === 0) throw error;
    });
    const failure = result.failure ?? lost;
    if (failure !== undefined) await this.#services.context.output.line(finalLine(failedStep(failure)));
    return result.exitCode;
  }

  /** Everything that can be wrong with the input is told here, before anything is built or made. */
  async #plan(step: ContainerStep): Promise<StepPlan> {
    const { settings, runner, context } = this.#services;
    if (step.image !== undefined) parseReference(step.image);
    assertStepEnvironment(step.environment);
    const placement = this.#job?.placement ?? runner.placement;
    const folders = await stepFolders(step, placement, settings.workFolder);
    const template =
      settings.templatePath === undefined ? undefined : await readPodTemplate(settings.templatePath);
    const plan = planOf(step, { ...folders, placement, template }, this.#services);
    for (const warning of templatedStepPod(plan).warnings)
      await context.output.line(workflowCommand("warning", warning));
    return plan;
  }

  /** undefined: the job has no pod of its own, or it works on the runner's own files. */
  #jobFiles(): JobPodFiles | undefined {
    const { context, settings } = this.#services;
    return this.#job?.placement.kind === "copy" ? new JobPodFiles(this.#job, settings, context) : undefined;
  }

  #runStep(step: ContainerStep, plan: StepPlan): Promise<StepResult> {
    const { context, settings } = this.#services;
    return runWithRetry((tryNumber) => {
      if (tryNumber > 0 && context.signal.aborted) return Promise.reject(context.signal.reason);
      const fresh = { ...plan, ...namesOf(settings.runnerPod) };
      const secret = stepSecret(fresh.secretName, step.environment, fresh.owner);
      return runStep(fresh, secret, { ...context, barePod: this.#before.barePods });
    });
  }

  /** What of the step's work the rest of the job will not see; where that was said to be good, it is not. */
  async #put(files: JobPodFiles, { exitCode }: StepResult): Promise<BuildError | undefined> {
    try {
      await files.put();
      return undefined;
    } catch (error) {
      if (exitCode === 0 || this.#services.context.signal.aborted) throw error;
      return toBuildError(error);
    }
  }
}

async function imageOf(
  step: ContainerStep,
  state: SlipwayState,
  services: ContainerStepServices,
): Promise<StepImage> {
  if (step.dockerfile === undefined)
    return { reference: step.image ?? "", imagePullSecrets: [], remember: {} };
  const images = await services.images();
  return images.provide(step.dockerfile, {
    known: state.images,
    needsCommand: step.entryPoint === undefined && step.entryPointArgs.length === 0,
  });
}

type StepSurroundings = Pick<StepPlan, "placement" | "folders" | "mounts" | "template">;

/** But for the image of a Dockerfile, which is not built yet. */
function planOf(
  step: ContainerStep,
  surroundings: StepSurroundings,
  { settings, runner }: ContainerStepServices,
): StepPlan {
  return {
    ...namesOf(settings.runnerPod),
    ...surroundings,
    image: step.image ?? "",
    imagePullSecrets: runner.agent.imagePullSecrets,
    entryPoint: step.entryPoint,
    args: stepArguments(step.entryPointArgs),
    workingDirectory: step.workingDirectory,
    variables: Object.keys(step.environment),
    agent: runner.agent,
    owner: runner.owner,
    deadlineSeconds: settings.stepTimeoutSeconds,
    receiveSeconds: Math.ceil(settings.podTimeoutMs / 1000),
  };
}

function namesOf(runnerPod: string): Pick<StepPlan, "name" | "secretName"> {
  const { pod, secret } = stepNames(runnerPod);
  return { name: pod, secretName: secret };
}

function withImage(plan: StepPlan, { reference, imagePullSecrets }: StepImage): StepPlan {
  return {
    ...plan,
    image: reference,
    imagePullSecrets: [...imagePullSecrets, ...plan.imagePullSecrets],
  };
}

async function runWithRetry(run: (tryNumber: number) => Promise<StepResult>): Promise<StepResult> {
  for (let tryNumber = 0; ; tryNumber += 1) {
    try {
      return await run(tryNumber);
    } catch (error) {
      if (tryNumber + 1 >= MAX_TRIES || !isLostBeforeStart(error)) throw error;
    }
  }
}

function isLostBeforeStart(error: unknown): error is BuildError {
  return isBuildError(error) && error.code === "POD_LOST" && error.details["started"] !== true;
}

async function remember(
  call: ContainerStepCall,
  before: SlipwayState,
  image: StepImage,
  { barePod }: StepResult,
): Promise<void> {
  const after = { images: { ...before.images, ...image.remember }, barePods: barePod };
  if (JSON.stringify(after) === JSON.stringify(before)) return;
  await writeState(call.responseFile, call.state, after);
}

/** The words that users of the official hooks look for. */
function failedStep(cause: BuildError): BuildError {
  const { code, message, remedy, details } = cause;
  return new BuildError(code, `failed to run container step: ${message}`, { remedy, details, cause });
}
