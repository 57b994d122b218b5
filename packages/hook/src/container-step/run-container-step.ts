import { type BuildError, isBuildError, parseReference } from "@slipway/core";
import type { RunnerPod } from "../cluster/runner-pod.ts";
import type { StepImage, StepImages } from "../image/step-image.ts";
import { finalLine } from "../output/final-line.ts";
import { type ContainerStep, type HookState, parseContainerStep } from "../protocol/hook-input.ts";
import { type SlipwayState, slipwayStateOf, writeState } from "../protocol/hook-response.ts";
import { stepArguments } from "../protocol/step-arguments.ts";
import type { HookSettings } from "../settings.ts";
import { planWorkFolders, prepareWorkFolders, type WorkFolders } from "../work/work-folders.ts";
import { runStep, type StepResult, type StepRunContext } from "./run-step.ts";
import { stepNames } from "./step-names.ts";
import type { StepPlan } from "./step-pod.ts";
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

/** run_container_step: builds the image where there is a Dockerfile, runs it, and resolves with the step's exit code. */
export async function runContainerStep(
  call: ContainerStepCall,
  services: ContainerStepServices,
): Promise<number> {
  const step = parseContainerStep(call.args);
  const before = slipwayStateOf(call.state);
  const folders = await checkedFolders(step, services);
  const image = await imageOf(step, before, services);
  const result = await runWithRetry((tryNumber) => {
    const plan = planOf(step, image, folders, services);
    const secret = stepSecret(plan.secretName, step.environment, plan.owner);
    const context = { ...services.context, barePod: before.barePods };
    return tryNumber > 0 && services.context.signal.aborted
      ? Promise.reject(services.context.signal.reason)
      : runStep(plan, secret, context);
  });
  await remember(call, before, image, result).catch((error: unknown) => {
    // The step's own word comes first; the runner reads no response of a step that failed.
    if (result.exitCode === 0) throw error;
  });
  if (result.failure !== undefined) await services.context.output.line(finalLine(result.failure));
  return result.exitCode;
}

/** Everything that can be wrong with the input is told here, before anything is built or made. */
async function checkedFolders(
  step: ContainerStep,
  { settings }: ContainerStepServices,
): Promise<WorkFolders> {
  if (step.image !== undefined) parseReference(step.image);
  assertStepEnvironment(step.environment);
  const system = await prepareWorkFolders(step.systemMounts);
  return planWorkFolders(system, step.userMounts, settings.workFolder);
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

function planOf(
  step: ContainerStep,
  image: StepImage,
  folders: WorkFolders,
  { settings, runner }: ContainerStepServices,
): StepPlan {
  const names = stepNames(settings.runnerPod);
  return {
    name: names.pod,
    secretName: names.secret,
    image: image.reference,
    imagePullSecrets: [...image.imagePullSecrets, ...runner.agent.imagePullSecrets],
    entryPoint: step.entryPoint,
    args: stepArguments(step.entryPointArgs),
    workingDirectory: step.workingDirectory,
    variables: Object.keys(step.environment),
    folders,
    agent: runner.agent,
    owner: runner.owner,
    deadlineSeconds: settings.stepTimeoutSeconds,
    receiveSeconds: Math.ceil(settings.podTimeoutMs / 1000),
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
