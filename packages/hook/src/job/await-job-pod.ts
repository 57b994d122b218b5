import type { V1Pod } from "@kubernetes/client-node";
import { BuildError, type Clock, isBuildError, type Logger } from "@slipway/core";
import { containerEnd, type KubeApi, waitForPod } from "@slipway/kube";
import { nameOf } from "../container-step/step-objects.ts";
import type { StepOutput } from "../output/step-output.ts";
import { inertLine } from "../output/workflow-commands.ts";
import {
  type AwaitedService,
  isOnline,
  isStarted,
  onlineFailure,
  unhealthyServices,
} from "./job-pod-state.ts";
import { lastLogLines } from "./service-log.ts";

export interface AwaitContext {
  readonly api: KubeApi;
  readonly logger: Logger;
  readonly output: StepOutput;
  readonly signal: AbortSignal;
  /** Longest time until the pod is online. */
  readonly podTimeoutMs: number;
  readonly clock?: Clock;
}

const SHOWN_LINES = 20;

/**
 * Waits until steps can run in the pod, and says now and then what it waits for. Rejects with why that will never be, after the last lines of
 * the service that is the reason. A service without a health check that has failed is told as a warning.
 */
export async function awaitJobPod(
  pod: V1Pod,
  services: readonly AwaitedService[],
  context: AwaitContext,
): Promise<V1Pod> {
  const wait = new JobPodWait(nameOf(pod), services, context);
  const online = await wait.untilOnline(pod.metadata?.uid);
  for (const { name } of services) await wait.warnOfEnd(online, name);
  return online;
}

class JobPodWait {
  readonly #pod: string;
  readonly #services: readonly AwaitedService[];
  readonly #context: AwaitContext;
  #last: V1Pod = {};

  constructor(pod: string, services: readonly AwaitedService[], context: AwaitContext) {
    this.#pod = pod;
    this.#services = services;
    this.#context = context;
  }

  async untilOnline(uid: string | undefined): Promise<V1Pod> {
    const { api, clock, output, podTimeoutMs, signal } = this.#context;
    try {
      return await waitForPod(api, this.#pod, {
        until: (pod) => isOnline(pod, this.#services),
        signal,
        timeoutMs: podTimeoutMs,
        ...(uid === undefined ? {} : { uid }),
        onNotice: (text) => void output.line(inertLine(this.#unhealthy() ?? text)),
        failureOf: (now, waitedSeconds) => this.#failureOf(now, waitedSeconds),
        ...(clock === undefined ? {} : { clock }),
      });
    } catch (error) {
      throw await this.#explained(error);
    }
  }

  /** The job may not need it, so it goes on; but somebody will want to know. */
  async warnOfEnd(pod: V1Pod, service: string): Promise<void> {
    const exitCode = containerEnd(pod, service)?.exitCode ?? 0;
    if (exitCode === 0) return;
    await this.#showLog(service);
    this.#context.logger.warn(`Service ${service} has ended already, with exit code ${exitCode}`);
  }

  #failureOf(pod: V1Pod, waitedSeconds: number): BuildError | undefined {
    this.#last = pod;
    if (isOnline(pod, this.#services)) return undefined;
    const unschedulableSeconds = this.#context.podTimeoutMs / 1000;
    return onlineFailure(pod, this.#services, { waitedSeconds, unschedulableSeconds });
  }

  /** What it waits for when everything runs; undefined where that is not so. */
  #unhealthy(): string | undefined {
    if (!isStarted(this.#last, this.#services)) return undefined;
    const names = unhealthyServices(this.#last, this.#services);
    return names.length === 0
      ? undefined
      : `pod ${this.#pod} waits for the health check of ${names.join(", ")} to pass`;
  }

  async #explained(error: unknown): Promise<unknown> {
    if (!isBuildError(error)) return error;
    const { service } = error.details;
    if (typeof service === "string") await this.#showLog(service);
    if (error.code !== "TIMED_OUT" || this.#unhealthy() === undefined) return error;
    const names = unhealthyServices(this.#last, this.#services);
    for (const name of names) await this.#showLog(name);
    const seconds = Math.round(this.#context.podTimeoutMs / 1000);
    return new BuildError(
      "TIMED_OUT",
      `The health check of service ${names.join(", ")} did not pass within ${seconds} s`,
      {
        remedy:
          "Correct --health-cmd in `options:` of the service, whose last lines are above, or raise ACTIONS_RUNNER_PREPARE_JOB_TIMEOUT_SECONDS",
        cause: error,
      },
    );
  }

  async #showLog(service: string): Promise<void> {
    const { api, output, signal } = this.#context;
    const place = { pod: this.#pod, container: service };
    for (const line of await lastLogLines(api, place, SHOWN_LINES, signal))
      await output.line(`${service}: ${line}`);
  }
}
