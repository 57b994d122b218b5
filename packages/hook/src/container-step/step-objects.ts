import { setTimeout as delay } from "node:timers/promises";
import type { V1Pod, V1Secret } from "@kubernetes/client-node";
import { BuildError, type Clock, isBuildError, type Logger, sleep, systemClock } from "@slipway/core";
import type { KubeApi, ObjectOf, Resource } from "@slipway/kube";
import { abortable } from "../abortable.ts";
import { STEP_LABEL } from "../cluster/owned-metadata.ts";
import { type StepPlan, stepJob, stepPod } from "./step-pod.ts";

/** How long a Job may take to make its pod. Its refusal by an admission policy is told in events, which our Role cannot read. */
const JOB_PATIENCE_MS = 20_000;
/** All of it must be over within the 5 s that a cancelled job leaves. */
const DELETE_BUDGET_MS = 4500;
const CREATE_GRACE_MS = 1500;

export interface StepObjectsOptions {
  /** It is known that the Role grants no Jobs. */
  readonly barePod: boolean;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** The objects of one step in the cluster: its Secret, and its Job or bare pod. */
export class StepObjects {
  readonly #api: KubeApi;
  readonly #plan: StepPlan;
  readonly #logger: Logger;
  /** What was asked for, whether or not it came to be: nothing else has to be deleted. */
  readonly #creations = new Map<Resource, Promise<unknown>>();
  readonly #clock: Clock;
  #barePod: boolean;
  #podOfJob: V1Pod | undefined;

  constructor(api: KubeApi, plan: StepPlan, options: StepObjectsOptions) {
    this.#api = api;
    this.#plan = plan;
    this.#barePod = options.barePod;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
  }

  /** Whether the Role grants no Jobs, as far as is known by now. */
  get needsBarePod(): boolean {
    return this.#barePod;
  }

  /** Makes everything and resolves with the pod, which need not run yet. Rejects with what the cluster has against it. */
  async create(secret: V1Secret, signal: AbortSignal): Promise<V1Pod> {
    await this.#make("secrets", secret, signal);
    const fromJob = this.#barePod ? undefined : await this.#createJob(signal);
    return fromJob ?? this.#make("pods", stepPod(this.#plan), signal);
  }

  /** Deletes everything, also what is just being made. Never rejects: cleanup_job and owner references are left to finish it. */
  async delete(): Promise<void> {
    const { name, secretName } = this.#plan;
    const signal = AbortSignal.timeout(DELETE_BUDGET_MS);
    const settled = Promise.allSettled(this.#creations.values());
    await Promise.race([settled, delay(CREATE_GRACE_MS, undefined, { ref: false })]);
    const outcomes = await Promise.allSettled([
      this.#deleteJob(signal),
      this.#remove("pods", name, signal),
      this.#remove("secrets", secretName, signal),
    ]);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected")
        this.#logger.warn(`Left for cleanup_job to delete: ${String(outcome.reason)}`);
    }
  }

  /** undefined: bare pods it has to be. */
  async #createJob(signal: AbortSignal): Promise<V1Pod | undefined> {
    try {
      await this.#make("jobs", stepJob(this.#plan), signal);
    } catch (error) {
      if (!isBuildError(error) || error.code !== "PERMISSION_DENIED") throw error;
      this.#logger.debug(`A bare pod instead of a Job: ${error.message}`);
      this.#barePod = true;
      return undefined;
    }
    this.#podOfJob = await this.#findPodOfJob(signal);
    // Nothing of it ran. A pod that is made directly gets the answer that the Job's controller keeps to itself.
    if (this.#podOfJob === undefined) await this.#deleteJob(signal);
    return this.#podOfJob;
  }

  async #findPodOfJob(signal: AbortSignal): Promise<V1Pod | undefined> {
    let pause = 50;
    for (let waited = 0; waited < JOB_PATIENCE_MS; waited += pause) {
      const [pod] = await this.#pods(signal);
      if (pod !== undefined) return pod;
      await sleep(this.#clock, pause, signal);
      pause = Math.min(pause * 2, 1000);
    }
    return undefined;
  }

  async #deleteJob(signal: AbortSignal): Promise<void> {
    if (!this.#creations.has("jobs") || this.#barePod) return;
    await this.#api.delete("jobs", this.#plan.name, { graceSeconds: 0 }, signal);
    // The cluster deletes the pods of a deleted Job in its own time, and with their grace period.
    const pods = this.#podOfJob === undefined ? await this.#pods(signal) : [this.#podOfJob];
    await Promise.all(pods.map((pod) => this.#api.delete("pods", nameOf(pod), { graceSeconds: 0 }, signal)));
  }

  #pods(signal: AbortSignal): Promise<readonly V1Pod[]> {
    return this.#api.list("pods", `${STEP_LABEL}=${this.#plan.name}`, signal);
  }

  /** An abort must not cut the request itself: then nobody would know whether there is something to delete. */
  #make<R extends Resource>(resource: R, object: ObjectOf[R], signal: AbortSignal): Promise<ObjectOf[R]> {
    const creation = this.#api.create(resource, object);
    this.#creations.set(resource, creation);
    return abortable(creation, signal);
  }

  async #remove(resource: Resource, name: string, signal: AbortSignal): Promise<void> {
    if (this.#creations.has(resource)) await this.#api.delete(resource, name, { graceSeconds: 0 }, signal);
  }
}

export function nameOf(object: { readonly metadata?: { readonly name?: string } }): string {
  const name = object.metadata?.name;
  if (name === undefined) throw new BuildError("INTERNAL", "The cluster returned an object without a name");
  return name;
}
