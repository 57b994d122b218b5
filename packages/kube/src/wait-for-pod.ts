import type { V1Pod } from "@kubernetes/client-node";
import { BuildError, type Clock, sleep, systemClock } from "@slipway/core";
import { podHasEnded } from "./container-state.ts";
import type { KubeApi } from "./kube-api.ts";
import { statusesOf } from "./pod-containers.ts";
import { because } from "./pod-failure-text.ts";
import { Standstill } from "./standstill.ts";

export interface WaitForPodOptions {
  readonly until: (pod: V1Pod) => boolean;
  readonly timeoutMs: number;
  /** Another pod of the same name is not ours: it counts as deleted. */
  readonly uid?: string;
  readonly signal?: AbortSignal;
  /** Told what the pod waits for, when that takes long, and once a minute from then on. */
  readonly onNotice?: (text: string) => void;
  /** Why the pod will never get there; asked each time, before `until`, with the seconds since the pod last got any further. */
  readonly failureOf?: (pod: V1Pod, waitedSeconds: number) => BuildError | undefined;
  readonly clock?: Clock;
}

const SHORTEST_POLL_MS = 100;
const LONGEST_POLL_MS = 1_000;
const FIRST_NOTICE_MS = 10_000;
const NOTICE_EVERY_MS = 60_000;

/**
 * Polls a pod until it is as wanted, without a `watch`: ARC's Role has none, and a poll survives whatever happens to the API server.
 * Rejects with what `failureOf` says, POD_LOST when the pod is gone, UNSCHEDULABLE or TIMED_OUT after the time limit, and at once when
 * the pod has ended short of what is waited for: with INTERNAL where a container failed, else with POD_LOST.
 */
export async function waitForPod(api: KubeApi, name: string, options: WaitForPodOptions): Promise<V1Pod> {
  const clock = options.clock ?? systemClock;
  const started = clock.now();
  const notices = new Notices(started, options.onNotice);
  const standstill = new Standstill();
  for (;;) {
    const pod = sameIncarnation(await api.get("pods", name, options.signal), name, options.uid);
    const failure = options.failureOf?.(pod, standstill.seconds(pod, clock.now()));
    if (failure !== undefined) throw failure;
    if (options.until(pod)) return pod;
    if (podHasEnded(pod)) throw endedEarly(pod, name);
    const elapsed = clock.now() - started;
    if (elapsed >= options.timeoutMs) throw tooLate(pod, name, options.timeoutMs);
    notices.tell(clock.now(), `pod ${name} waits for ${whatItWaitsFor(pod)}`);
    const pause = Math.min(Math.max(elapsed / 10, SHORTEST_POLL_MS), LONGEST_POLL_MS);
    await sleep(clock, Math.min(pause, options.timeoutMs - elapsed), options.signal);
  }
}

/** What keeps a pod from going on, in the words of scheduler and kubelet. */
export function whatItWaitsFor(pod: V1Pod): string {
  const unscheduled = pod.status?.conditions?.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  if (unscheduled !== undefined)
    return `a node: ${unscheduled.message ?? unscheduled.reason ?? "not scheduled yet"}`;
  const all = statusesOf(pod);
  const active = all.find(({ state }) => state?.running !== undefined && state.terminated === undefined);
  if (active !== undefined) return `container ${active.name}, which is running`;
  const waiting = all.find(({ state }) => state?.waiting !== undefined);
  const reason = waiting?.state?.waiting;
  if (waiting === undefined || reason === undefined) return "the kubelet to start it";
  const text = [reason.reason, reason.message].filter((part) => part !== undefined).join(": ");
  return `container ${waiting.name}: ${text}`;
}

class Notices {
  #next: number;
  readonly #onNotice: ((text: string) => void) | undefined;

  constructor(started: number, onNotice: ((text: string) => void) | undefined) {
    this.#next = started + FIRST_NOTICE_MS;
    this.#onNotice = onNotice;
  }

  tell(now: number, text: string): void {
    if (now < this.#next) return;
    this.#next = now + NOTICE_EVERY_MS;
    this.#onNotice?.(text);
  }
}

function sameIncarnation(pod: V1Pod | undefined, name: string, uid: string | undefined): V1Pod {
  if (pod !== undefined && (uid === undefined || pod.metadata?.uid === uid)) return pod;
  const what =
    pod === undefined ? "was deleted by someone else" : "was replaced by another one of the same name";
  throw new BuildError("POD_LOST", `pod ${name} ${what}`, {
    remedy: "Look at the audit log or at controllers that delete pods in this namespace",
  });
}

function endedEarly(pod: V1Pod, name: string): BuildError {
  const failed = statusesOf(pod).find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  const end = failed?.state?.terminated;
  if (failed === undefined || end === undefined) {
    return new BuildError(
      "POD_LOST",
      `pod ${name} ended before its work was done${because(pod.status?.message)}`,
      {
        remedy: `Look at node ${pod.spec?.nodeName ?? "?"}: it gave the pod up without saying why`,
      },
    );
  }
  const message = `container ${failed.name} of pod ${name} ended too early, with exit code ${end.exitCode}`;
  return new BuildError("INTERNAL", `${message}${because(end.message)}`, {
    remedy: `Check that image ${failed.image} runs on node ${pod.spec?.nodeName ?? "?"}, and report it if it does`,
    details: { pod: name, container: failed.name, exitCode: end.exitCode },
  });
}

function tooLate(pod: V1Pod, name: string, timeoutMs: number): BuildError {
  const reason = whatItWaitsFor(pod);
  const message = `pod ${name} is not ready after ${Math.round(timeoutMs / 1000)} s; it waits for ${reason}`;
  if (!reason.startsWith("a node:")) {
    return new BuildError("TIMED_OUT", message, {
      remedy: "Raise the time limit, or remove what the pod waits for",
    });
  }
  return new BuildError("UNSCHEDULABLE", message, {
    remedy: "Add nodes or capacity, or lower the requests and the node constraints of the pod",
  });
}
