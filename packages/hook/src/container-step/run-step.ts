import type { V1Pod, V1Secret } from "@kubernetes/client-node";
import { BuildError, type Clock, isBuildError, type Logger } from "@slipway/core";
import { applyChanges } from "@slipway/filetree";
import {
  containerEnd,
  containerState,
  type FailureContext,
  fetchChanges,
  followLog,
  type KubeApi,
  podFailure,
  sendTree,
  waitForPod,
} from "@slipway/kube";
import type { StepOutput } from "../output/step-output.ts";
import { inertLine } from "../output/workflow-commands.ts";
import { withReturnRoots } from "../work/return-roots.ts";
import { isOwnFolder } from "../work/work-folders.ts";
import { nameOf, StepObjects } from "./step-objects.ts";
import { SNAPSHOT_FILE, type StepPlan, WORK_ROOT } from "./step-pod.ts";

/** What a step needs beside its plan. */
export interface StepRunContext {
  readonly api: KubeApi;
  readonly logger: Logger;
  readonly output: StepOutput;
  readonly signal: AbortSignal;
  /** Longest time that a pod may take until it runs. */
  readonly podTimeoutMs: number;
  /** The runner's user: files that travel are given to it, and come back as its own. */
  readonly runnerUser: { readonly uid: number; readonly gid: number };
  readonly barePod: boolean;
  readonly clock?: Clock;
}

export interface StepResult {
  /** As the container's status says; never 0 when anything went wrong. */
  readonly exitCode: number;
  /** Why it is what it is, where the number alone does not tell. */
  readonly failure: BuildError | undefined;
  readonly barePod: boolean;
}

/**
 * Runs a step in a pod of its own and brings back what it changed. Nothing of it is left when this settles.
 * Rejects with a BuildError when the step did not run; `started` in its details tells whether it may have begun.
 */
export async function runStep(
  plan: StepPlan,
  secret: V1Secret,
  context: StepRunContext,
): Promise<StepResult> {
  const objects = new StepObjects(context.api, plan, context);
  try {
    const pod = await objects.create(secret, context.signal);
    const result = await new StepRun(plan, pod, context).run();
    return { ...result, barePod: objects.needsBarePod };
  } finally {
    await objects.delete();
  }
}

/** The life of one pod, from its making to its last file. */
class StepRun {
  readonly #plan: StepPlan;
  readonly #pod: string;
  readonly #uid: string | undefined;
  readonly #context: StepRunContext;

  constructor(plan: StepPlan, pod: V1Pod, context: StepRunContext) {
    this.#plan = plan;
    this.#pod = nameOf(pod);
    this.#uid = pod.metadata?.uid;
    this.#context = context;
  }

  /** Otherwise the pod works on the runner's own files. */
  get #copies(): boolean {
    return this.#plan.placement.kind === "copy";
  }

  async run(): Promise<Pick<StepResult, "exitCode" | "failure">> {
    if (this.#copies) await this.#wait(canReceive);
    // As soon as it has everything the pod goes on by itself: from here on nobody knows that the action did not begin.
    return this.#oneAndOnlyRun().catch((error: unknown) => {
      throw asStarted(error);
    });
  }

  async #oneAndOnlyRun(): Promise<Pick<StepResult, "exitCode" | "failure">> {
    const { api, output, signal } = this.#context;
    if (this.#copies) await this.#send();
    await this.#wait((pod) => hasStarted(pod, "job"));
    await followLog(api, this.#pod, "job", {
      onLine: (line, terminated) => void output.bytes(line, terminated),
      onNotice: (text) => void output.line(inertLine(text)),
      signal,
    });
    const pod = await this.#wait((current) => containerEnd(current, "job") !== undefined);
    const exitCode = containerEnd(pod, "job")?.exitCode ?? 1;
    const failure = failureOf(pod) ?? deletionOf(pod);
    // A program that is told to stop may end with 0 and half of its work.
    if (exitCode === 0 && failure !== undefined) throw failure;
    try {
      if (this.#copies) await this.#fetch();
      return { exitCode, failure };
    } catch (error) {
      // The step's own word comes first; its lost files are told beside it.
      if (exitCode === 0 || signal.aborted || !isBuildError(error)) throw error;
      return { exitCode, failure: failure ?? error };
    }
  }

  #send(): Promise<unknown> {
    const { api, runnerUser, signal } = this.#context;
    const sources = this.#plan.folders.trees.map((tree) => ({
      from: tree.source,
      to: tree.name,
      include: (path: string) => !isOwnFolder(`${tree.source}/${path}`),
    }));
    const options = {
      into: WORK_ROOT,
      snapshot: SNAPSHOT_FILE,
      node: this.#plan.agent.node,
      owner: runnerUser,
      worldWritable: this.#plan.folders.worldWritable,
    };
    return sendTree(api, this.#pod, "receive", sources, options, signal);
  }

  #fetch(): Promise<unknown> {
    const { api, signal } = this.#context;
    const writable = this.#plan.folders.trees.filter(({ readOnly }) => !readOnly);
    if (writable.length === 0) return Promise.resolve();
    const options = {
      node: this.#plan.agent.node,
      root: WORK_ROOT,
      snapshot: SNAPSHOT_FILE,
      only: writable.map(({ name }) => name),
    };
    return fetchChanges(
      api,
      this.#pod,
      "sync",
      options,
      (stream) =>
        withReturnRoots(writable, this.#plan.folders.workFolder, (roots) =>
          applyChanges(stream, roots, { signal }),
        ),
      signal,
    );
  }

  #wait(until: (pod: V1Pod) => boolean): Promise<V1Pod> {
    const { api, clock, output, podTimeoutMs, signal } = this.#context;
    return waitForPod(api, this.#pod, {
      until,
      signal,
      timeoutMs: podTimeoutMs,
      ...(this.#uid === undefined ? {} : { uid: this.#uid }),
      onNotice: (text) => void output.line(inertLine(text)),
      failureOf: (pod, waitedSeconds) =>
        until(pod) ? undefined : failureOf(pod, { waitedSeconds, unschedulableSeconds: podTimeoutMs / 1000 }),
      ...(clock === undefined ? {} : { clock }),
    });
  }
}

/** The agent runs in it, or has ended well: it ends as soon as it has everything. */
function canReceive(pod: V1Pod): boolean {
  const state = containerState(pod, "receive");
  return state?.running !== undefined || state?.terminated?.exitCode === 0;
}

/** Whether a container runs, or did. */
function hasStarted(pod: V1Pod, container: string): boolean {
  const state = containerState(pod, container);
  return state?.running !== undefined || state?.terminated !== undefined;
}

function failureOf(
  pod: V1Pod,
  waiting: Pick<FailureContext, "waitedSeconds" | "unschedulableSeconds"> = {},
): BuildError | undefined {
  const settings = { deadline: "SLIPWAY_STEP_TIMEOUT_SECONDS" };
  return podFailure(withoutSidecars(pod), { userContainer: "job", settings, ...waiting });
}

/** What becomes of a template's containers is no business of the step's, which ends with its own. */
function withoutSidecars(pod: V1Pod): V1Pod {
  const ours = pod.status?.containerStatuses?.filter(({ name }) => name === "job" || name === "sync");
  return ours === undefined ? pod : { ...pod, status: { ...pod.status, containerStatuses: ours } };
}

/** Somebody deletes the pod: that stops the container, whose end then says nothing of its work. */
function deletionOf(pod: V1Pod): BuildError | undefined {
  if (pod.metadata?.deletionTimestamp === undefined) return undefined;
  return new BuildError("POD_LOST", `Pod ${nameOf(pod)} was deleted by someone else while the step ran`, {
    remedy: "Look at the audit log or at controllers that delete pods in this namespace",
  });
}

function asStarted(error: unknown): unknown {
  if (!isBuildError(error)) return error;
  const { code, message, remedy, details } = error;
  return new BuildError(code, message, { remedy, details: { ...details, started: true }, cause: error });
}
