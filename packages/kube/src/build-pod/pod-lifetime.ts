import { randomBytes } from "node:crypto";
import type { V1Pod } from "@kubernetes/client-node";
import { BuildError, type Clock, isBuildError, sleep, systemClock, throwIfCancelled } from "@slipway/core";
import { podHasEnded } from "../container-state.ts";
import type { KubeApi } from "../kube-api.ts";
import { statusesOf } from "../pod-containers.ts";

export interface PodLifetimeOptions {
  readonly signal: AbortSignal;
  /** Told when the pod could not be deleted; its deadline and its owner then end it. */
  readonly onNotice: (text: string) => void;
  readonly clock?: Clock;
}

/** All that the clean-up may take: the runner kills a cancelled hook after 10 s. */
const CLEAN_UP_MS = 4_500;
const POLL_MS = 200;
/** A create that was cut off in flight may still be carried out this long after. */
const LATE_CREATE_MS = 1_500;

/** The name of a new pod for a runner: legal whatever the runner is called, and never used before. */
export function podNameFor(runnerPod: string, purpose: string): string {
  const base = runnerPod.slice(0, 40).replace(/[^a-z0-9]+$/, "");
  return `${base}-${purpose}-${randomBytes(4).toString("hex")}`;
}

/** Creates a pod, lets `use` work with it, and deletes it whatever happens. Settles when nothing in it can still be running. */
export async function withPod<T>(
  api: KubeApi,
  spec: V1Pod,
  options: PodLifetimeOptions,
  use: (created: V1Pod) => Promise<T>,
): Promise<T> {
  throwIfCancelled(options.signal);
  const name = spec.metadata?.name ?? "";
  const created = await api.create("pods", spec, options.signal).catch(async (error: unknown) => {
    if (!isRefusal(error)) await removePod(api, name, undefined, options);
    throw error;
  });
  try {
    return await use(created);
  } finally {
    await removePod(api, name, created.metadata?.uid, options);
  }
}

/** The server made no pod: there is nothing to delete, and who may not create often may not delete either. */
function isRefusal(error: unknown): boolean {
  return isBuildError(error) && ["PERMISSION_DENIED", "POLICY_DENIED", "INVALID_CONFIG"].includes(error.code);
}

async function removePod(
  api: KubeApi,
  name: string,
  uid: string | undefined,
  options: PodLifetimeOptions,
): Promise<void> {
  // Waiting any longer would not help: the API server has been told, or cannot be.
  const late = new BuildError("TIMED_OUT", `it is still there after ${CLEAN_UP_MS / 1000} s`);
  const limiter = new AbortController();
  const timer = setTimeout(() => limiter.abort(late), CLEAN_UP_MS);
  const limit = limiter.signal;
  try {
    if (uid === undefined) await removeLateCreate(api, name, options.clock ?? systemClock, limit);
    else await removeKnown(api, name, uid, options.clock ?? systemClock, limit);
  } catch (error) {
    // The outcome of the build is known by now, and counts more than what is left of its pod.
    const cause = error instanceof Error ? error.message : String(error);
    options.onNotice(`pod ${name} could not be deleted and ends with its deadline: ${cause}`);
  } finally {
    clearTimeout(timer);
  }
}

async function removeKnown(
  api: KubeApi,
  name: string,
  uid: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const before = await api.get("pods", name, signal);
  if (before === undefined || before.metadata?.uid !== uid) return;
  if (nothingRuns(before)) return api.delete("pods", name, { graceSeconds: 0, uid }, signal);
  await api.delete("pods", name, { graceSeconds: 1, uid }, signal);
  while ((await api.get("pods", name, signal))?.metadata?.uid === uid) await sleep(clock, POLL_MS, signal);
}

/**
 * The phase lags behind: in these pods one container runs at a time, and after one that failed none starts. Beside them a daemon may run,
 * which has nothing to do any more when the last one is done; the kubelet then ends it by itself.
 */
function nothingRuns(pod: V1Pod): boolean {
  const failed = statusesOf(pod).some(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  const running = statusesOf(pod).some(({ state }) => state?.running !== undefined);
  const done = pod.status?.containerStatuses?.every(({ state }) => state?.terminated !== undefined) === true;
  return podHasEnded(pod) || done || (!running && failed);
}

/** Nobody knows whether the pod exists: the request may still be on its way through the API server. */
async function removeLateCreate(
  api: KubeApi,
  name: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const until = clock.now() + LATE_CREATE_MS;
  for (;;) {
    await api.delete("pods", name, { graceSeconds: 1 }, signal);
    const left = await api.get("pods", name, signal);
    if (left === undefined && clock.now() >= until) return;
    await sleep(clock, POLL_MS, signal);
  }
}
