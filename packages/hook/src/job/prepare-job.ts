import type { V1Pod } from "@kubernetes/client-node";
import { BuildError, type Clock, isBuildError, type Logger, toBuildError } from "@slipway/core";
import type { KubeApi } from "@slipway/kube";
import type { JobContainerFacts } from "@slipway/step-protocol";
import { OWNER_LABEL } from "../cluster/owned-metadata.ts";
import type { RunnerPod } from "../cluster/runner-pod.ts";
import { nameOf } from "../container-step/step-objects.ts";
import type { StepOutput } from "../output/step-output.ts";
import { inertLine } from "../output/workflow-commands.ts";
import type { HookState } from "../protocol/hook-input.ts";
import { writeResponse } from "../protocol/hook-response.ts";
import { stateWithJob } from "../protocol/job-state.ts";
import { parsePrepareJob } from "../protocol/prepare-job.ts";
import { runSession } from "../script-step/job-session.ts";
import type { SessionTask } from "../script-step/session-task.ts";
import type { HookSettings } from "../settings.ts";
import { prepareWorkFolders } from "../work/work-folders.ts";
import { rememberedFile, WorkSync } from "../work/work-sync.ts";
import { awaitJobPod } from "./await-job-pod.ts";
import { foldersOf } from "./job-folders.ts";
import { JobObjects } from "./job-objects.ts";
import { jobPod, withTokenAsDecided } from "./job-pod.ts";
import type { AwaitedService } from "./job-pod-state.ts";
import { type AskedJob, foldersRequest, type PlannedJob, planJob } from "./plan-job.ts";
import { portTable } from "./port-mappings.ts";
import { secretsOfCredentials } from "./pull-secrets.ts";
import { together } from "./together.ts";

/** What the runner asks for with one call. */
export interface PrepareJobCall {
  readonly args: unknown;
  readonly state: HookState;
  readonly responseFile: string | undefined;
}

export interface PrepareJobServices {
  readonly settings: HookSettings;
  /** Asked only when the input is known to be good. */
  readonly runner: () => Promise<RunnerPod>;
  readonly api: KubeApi;
  readonly logger: Logger;
  readonly output: StepOutput;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/**
 * prepare_job: makes the pod of a job with `container:`, waits until steps can run in it, and tells the runner about it. Resolves with exit
 * code 0. Rejects with a BuildError, and then nothing is left of what it made.
 */
export async function prepareJob(call: PrepareJobCall, services: PrepareJobServices): Promise<number> {
  const { container, services: asked } = parsePrepareJob(call.args);
  if (container === undefined && asked.length === 0) {
    await services.output.line("No containers exist, skipping hook invocation");
    await writeResponse(call.responseFile, {
      state: call.state,
      isAlpine: false,
      context: { services: [] },
    });
    return 0;
  }
  if (container === undefined) throw withoutContainer();
  // Before anything else is printed, which could hold them.
  const credentials = [container, ...asked].map(({ registry }) => registry);
  await services.output.mask(secretsOfCredentials(credentials));
  await new JobPreparation({ container, services: asked }, services).run(call);
  return 0;
}

class JobPreparation {
  readonly #asked: AskedJob;
  readonly #services: PrepareJobServices;
  readonly #objects: JobObjects;

  constructor(asked: AskedJob, services: PrepareJobServices) {
    this.#asked = asked;
    this.#services = services;
    this.#objects = new JobObjects(services.api, services.logger);
  }

  async run(call: PrepareJobCall): Promise<void> {
    const { settings } = this.#services;
    await prepareWorkFolders(foldersOf(foldersRequest(this.#asked), settings.workFolder));
    const runner = await this.#services.runner();
    const planned = planJob(this.#asked, runner, settings);
    const spec = await this.#specified(planned);
    try {
      await this.#prune();
      const pod = await this.#make(planned, spec);
      const facts = await this.#ready(pod, planned);
      await writeResponse(call.responseFile, responseOf(call.state, pod, planned, facts));
    } catch (error) {
      await this.#objects.delete();
      throw error;
    }
  }

  /** The pod as the template wants it, and what is to be said about that. */
  async #specified({ plan, warnings }: PlannedJob): Promise<V1Pod> {
    const { logger, settings } = this.#services;
    for (const warning of warnings) logger.warn(warning);
    if (settings.templatePath === undefined) return withTokenAsDecided(jobPod(plan));
    const { readPodTemplate } = await import("../template/parse-pod-template.ts");
    const { applyTemplate } = await import("../template/apply-template.ts");
    const template = await readPodTemplate(settings.templatePath);
    const names = { job: "job", services: plan.services.map(({ name }) => name) };
    const templated = applyTemplate(jobPod(plan), template, names);
    for (const warning of templated.warnings) logger.warn(warning);
    return withTokenAsDecided(templated.pod);
  }

  /** What an earlier job of this runner left behind, whose pod would have the same name. */
  async #prune(): Promise<void> {
    const { api, settings, signal } = this.#services;
    const found = await api.list("pods", `${OWNER_LABEL}=${settings.runnerPod}`, signal);
    const old = found.map(nameOf).filter((name) => name !== settings.runnerPod);
    await Promise.all(old.map((name) => api.delete("pods", name, { graceSeconds: 0 }, signal)));
  }

  async #make({ secrets }: PlannedJob, pod: V1Pod): Promise<V1Pod> {
    const { signal } = this.#services;
    try {
      await Promise.all(secrets.map((secret) => this.#objects.make("secrets", secret, signal)));
      return await this.#objects.make("pods", pod, signal);
    } catch (error) {
      throw this.#told("failed to create job pod", error);
    }
  }

  /** Files go up as soon as our own containers run, while services may still be pulled or get healthy. */
  async #ready(pod: V1Pod, planned: PlannedJob): Promise<JobContainerFacts> {
    const { signal } = this.#services;
    const services = awaitedServices(planned);
    await this.#online(pod, [], signal);
    if (services.length === 0) return this.#begin(pod, planned, signal);
    const [facts] = await together(signal, [
      (joint) => this.#begin(pod, planned, joint),
      (joint) => this.#online(pod, services, joint),
    ]);
    return facts;
  }

  async #online(pod: V1Pod, services: readonly AwaitedService[], signal: AbortSignal): Promise<void> {
    const { podTimeoutMs } = this.#services.settings;
    try {
      await awaitJobPod(pod, services, { ...this.#services, signal, podTimeoutMs });
    } catch (error) {
      throw this.#told("pod failed to come online with error", error);
    }
  }

  async #begin(pod: V1Pod, planned: PlannedJob, signal: AbortSignal): Promise<JobContainerFacts> {
    const { api, clock, output } = this.#services;
    const target = { pod: nameOf(pod), uid: pod.metadata?.uid, agentNode: planned.plan.agent.node };
    const { facts } = await runSession(target, this.#task(planned), {
      api,
      signal,
      onNotice: (text) => void output.line(inertLine(text)),
      ...(clock === undefined ? {} : { clock }),
    });
    if (facts === undefined) throw new BuildError("INTERNAL", "The job pod told nothing about its container");
    return facts;
  }

  #task({ begin, folders, plan }: PlannedJob): SessionTask {
    if (plan.placement.kind === "shared") return { request: begin };
    const { workFolder } = this.#services.settings;
    const sync = new WorkSync({ trees: folders.trees, workFolder, remembered: rememberedFile(workFolder) });
    return { request: begin, files: () => sync.all(), onReceived: () => sync.confirm() };
  }

  /** The words that users of the official hooks look for, in front of the cause. */
  #told(words: string, error: unknown): unknown {
    if (this.#services.signal.aborted) return this.#services.signal.reason;
    const cause = isBuildError(error) ? error : toBuildError(error);
    const { code, message, remedy, details } = cause;
    return new BuildError(code, `${words}: ${message}`, { remedy, details, cause });
  }
}

function awaitedServices({ plan }: PlannedJob): AwaitedService[] {
  return plan.services.map(({ name, options }) => ({ name, isProbed: options.health !== undefined }));
}

/** As the runner reads it (actions/runner, HookResponse.cs): `services` in the order of the input, each with `ports`. */
function responseOf(before: HookState, pod: V1Pod, { plan }: PlannedJob, facts: JobContainerFacts): object {
  const { agent, placement } = plan;
  const job = { pod: nameOf(pod), uid: pod.metadata?.uid, agentNode: agent.node, placement };
  return {
    state: stateWithJob(before, job),
    isAlpine: facts.isAlpine,
    context: {
      container: { image: plan.job.image, ports: {} },
      services: plan.services.map(({ image, ports }) => ({ image, ports: portTable(ports) })),
    },
  };
}

function withoutContainer(): BuildError {
  return new BuildError("INVALID_REQUEST", "Job Container is required.", {
    remedy:
      "Give the job a `container:` beside its `services:`: services run in the pod of the job's container",
  });
}
