import { BuildError, type Clock, isBuildError, sleep, systemClock, toBuildError } from "@slipway/core";
import { fromWireError } from "@slipway/step-protocol";
import { type LookAtPod, type PodVerdict, whyLost, whyStopped } from "./job-pod-verdict.ts";
import { type ConnectionEnd, SessionConnection } from "./session-connection.ts";
import {
  type SessionContext,
  SessionProgress,
  type SessionResult,
  type SessionTarget,
  type SessionTask,
} from "./session-task.ts";

/** How long the pod may stay out of reach before a session gives up. */
const OUTAGE_MS = 5 * 60_000;
const LONGEST_PAUSE_MS = 5_000;
/** From the cancel to the last moment; the runner is still patient then, and the hook has to end in order. */
const CANCEL_MS = 4_500;

/**
 * Does one session with a job pod, over as many connections as it takes: nothing is done twice and no output is lost.
 *
 * Rejects where the session did not come to its proven end: with what the pod says, with why the pod is gone, with CLUSTER_UNAVAILABLE
 * after five minutes without a connection, and when `signal` aborts, once the program has stopped, or after 4.5 s.
 */
export function runSession(
  target: SessionTarget,
  task: SessionTask,
  context: SessionContext,
): Promise<SessionResult> {
  return new JobSession(target, task, context).run();
}

class JobSession {
  readonly #target: SessionTarget;
  readonly #task: SessionTask;
  readonly #context: SessionContext;
  readonly #clock: Clock;
  readonly #progress: SessionProgress;
  /** Ends whatever is under way. */
  readonly #stop = new AbortController();
  #connection: SessionConnection | undefined;
  #stopTimer: () => void = () => undefined;
  #told = false;

  constructor(target: SessionTarget, task: SessionTask, context: SessionContext) {
    this.#target = target;
    this.#task = task;
    this.#context = context;
    this.#clock = context.clock ?? systemClock;
    this.#progress = new SessionProgress(this.#clock.now());
  }

  async run(): Promise<SessionResult> {
    const { signal } = this.#context;
    const onAbort = () => this.#cancel();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      if (signal.aborted) throw signal.reason;
      return await this.#untilDone();
    } catch (error) {
      return this.#failed(error);
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#stopTimer();
    }
  }

  async #untilDone(): Promise<SessionResult> {
    const { signal } = this.#context;
    for (let losses = 0; ; losses += 1) {
      const end = await this.#connect();
      if (!signal.aborted) {
        if (end.kind === "done" || this.#hasAllItNeeds()) return this.#result();
        await this.#untilNextTry(end, losses);
      }
      if (signal.aborted) await this.#untilNextCancel(end, losses);
    }
  }

  #connect(): Promise<ConnectionEnd> {
    const connection = new SessionConnection(this.#task, this.#progress, () => this.#clock.now());
    this.#connection = connection;
    if (this.#context.signal.aborted) connection.cancel();
    return connection.run(this.#context.api, this.#target, this.#stop.signal);
  }

  #result(): SessionResult {
    const { facts, exit } = this.#progress;
    if (exit?.exitCode === 0 && exit.failure !== undefined) throw fromWireError(exit.failure);
    return { ...(facts === undefined ? {} : { facts }), ...(exit === undefined ? {} : { exit }) };
  }

  /** Files that arrived are all that `put` is about. */
  #hasAllItNeeds(): boolean {
    return this.#task.request.kind === "put" && this.#progress.received;
  }

  /** Resolves when it is time for the next connection, or after a cancel; rejects where there is no point in one. */
  async #untilNextTry(end: Exclude<ConnectionEnd, { kind: "done" }>, losses: number): Promise<void> {
    const { api, signal } = this.#context;
    const lookAt = { api, target: this.#target, clock: this.#clock, signal };
    if (end.kind === "failed") throw await whyStopped(end.error, lookAt);
    const refusedAgain = this.#progress.received && isRefusal(end.error);
    if (!mayPass(end.error) && !refusedAgain) throw end.error;
    const verdict = await this.#verdict(lookAt);
    if (signal.aborted) return;
    if (verdict !== undefined) throw verdict;
    const silentMs = this.#clock.now() - this.#progress.lastSign;
    if (silentMs >= OUTAGE_MS) throw refusedAgain ? end.error : outOfReach(silentMs, end.error);
    this.#tell(end.error);
    if (losses > 0) await this.#pause(Math.min(250 * 2 ** losses, LONGEST_PAUSE_MS), signal);
  }

  /** What the pod's status says. An API server that has just started may refuse to show it, as long as it does not know its Roles yet. */
  #verdict(lookAt: LookAtPod): Promise<PodVerdict> {
    return whyLost(lookAt).catch((error: unknown) => {
      if (this.#progress.received && isRefusal(error)) return undefined;
      throw error;
    });
  }

  /** After a cancel a new connection only serves to stop a program that is known to have started. */
  async #untilNextCancel(end: ConnectionEnd, losses: number): Promise<void> {
    const { exit, received } = this.#progress;
    const runs = this.#task.request.kind === "step" && received && exit === undefined;
    if (end.kind !== "lost" || !mayPass(end.error) || !runs) throw this.#context.signal.reason;
    await this.#pause(Math.min(100 * 2 ** losses, 1_000), this.#stop.signal);
    if (this.#stop.signal.aborted) throw this.#context.signal.reason;
  }

  /** Ends early when the signal aborts. */
  #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return sleep(this.#clock, milliseconds, signal).catch(() => undefined);
  }

  #cancel(): void {
    const { signal } = this.#context;
    const stop = () => this.#stop.abort(signal.reason);
    if (this.#task.request.kind !== "step" || !this.#mayRun()) {
      stop();
      return;
    }
    this.#connection?.cancel();
    this.#stopTimer = this.#clock.after(CANCEL_MS, stop);
  }

  #mayRun(): boolean {
    return this.#progress.received || this.#connection?.mayRun === true;
  }

  #tell(error: unknown): void {
    if (this.#told) return;
    this.#told = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#context.onNotice?.(`Connecting to the job pod again, where the work goes on: ${reason}`);
  }

  /** A program's own exit code comes first; what failed beside it is told with it. */
  #failed(error: unknown): SessionResult {
    const { exit } = this.#progress;
    const { signal } = this.#context;
    if (signal.aborted) throw signal.reason;
    if (exit === undefined || exit.exitCode === 0) throw error;
    return { exit, failure: toBuildError(error) };
  }
}

/** Whether another connection may do better; files that changed while they were read are read again. */
function mayPass(error: unknown): boolean {
  return isBuildError(error) && (error.retryable || error.details["changed"] === true);
}

function isRefusal(error: unknown): boolean {
  return isBuildError(error) && error.code === "PERMISSION_DENIED";
}

function outOfReach(silentMs: number, last: unknown): BuildError {
  const reason = last instanceof Error ? `: ${last.message}` : "";
  return new BuildError(
    "CLUSTER_UNAVAILABLE",
    `The job pod was out of reach for ${Math.round(silentMs / 1000)} s${reason}`,
    {
      remedy: "Look at the API server, and at proxies between it and the runner; then run the job again",
      cause: last,
    },
  );
}
