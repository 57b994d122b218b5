import type { V1ContainerStateTerminated, V1Pod } from "@kubernetes/client-node";
import { BuildError, type Clock } from "@slipway/core";
import { containerEnd } from "../container-state.ts";
import type { KubeApi } from "../kube-api.ts";
import { followLog } from "../log/follow-log.ts";

export interface FollowUntilEndOptions {
  readonly onLine: (line: Buffer) => void;
  readonly onNotice: (text: string) => void;
  /** Waits for a state of the pod; rejects when the pod fails as a whole. */
  readonly wait: (until: (pod: V1Pod) => boolean, signal: AbortSignal) => Promise<V1Pod>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** How long the last lines of a pod that failed may take to arrive. */
const DRAIN_MS = 5_000;

/**
 * Follows the log of a container until it has ended, and returns how. The pod is watched beside the log, because the log of a lost
 * node never ends. A pod that fails rejects with its cause once the log that there still is has been read.
 */
export async function followUntilEnd(
  api: KubeApi,
  pod: string,
  container: string,
  options: FollowUntilEndOptions,
): Promise<V1ContainerStateTerminated> {
  const { onLine, onNotice, wait, signal, clock } = options;
  const watching = new AbortController();
  const reading = new AbortController();
  const hasEnded = (seen: V1Pod) => containerEnd(seen, container) !== undefined;
  // Only its rejection is of interest, and the wait below finds the same cause again.
  const watch = wait(hasEnded, AbortSignal.any([signal, watching.signal])).catch(() => {
    reading.signal.addEventListener(
      "abort",
      clock.after(DRAIN_MS, () => reading.abort()),
      { once: true },
    );
  });
  const follow = { onLine, onNotice, signal: AbortSignal.any([signal, reading.signal]), clock };
  try {
    await followLog(api, pod, container, follow);
  } catch (error) {
    if (signal.aborted || !reading.signal.aborted) throw error;
  } finally {
    watching.abort();
    await watch;
    reading.abort();
  }
  return endOf(await wait(hasEnded, signal), container);
}

function endOf(pod: V1Pod, container: string): V1ContainerStateTerminated {
  const end = containerEnd(pod, container);
  if (end === undefined) throw new BuildError("INTERNAL", `Container ${container} has not ended`);
  return end;
}
