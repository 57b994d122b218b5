import type { V1ContainerState, V1Pod } from "@kubernetes/client-node";
import { statusesOf } from "./pod-containers.ts";
import { isPullProblem } from "./pod-failure-waiting.ts";

/** Measures since when a pod has not got any further: a long wait for a node takes nothing from the time that a pull may need. */
export class Standstill {
  #stage: string | undefined;
  #since = 0;

  /** Seconds at `now` (milliseconds) since the pod was last seen in another stage. */
  seconds(pod: V1Pod, now: number): number {
    const stage = stageOf(pod);
    if (stage !== this.#stage) {
      this.#stage = stage;
      this.#since = now;
    }
    return (now - this.#since) / 1000;
  }
}

function stageOf(pod: V1Pod): string {
  const conditions = (pod.status?.conditions ?? []).map(({ type, status }) => `${type}=${status}`);
  const containers = statusesOf(pod).map(({ name, state }) => `${name}:${stateName(state)}`);
  return [...conditions, ...containers].sort().join(" ");
}

// ErrImagePull and ImagePullBackOff take turns: that is no progress.
function stateName(state: V1ContainerState | undefined): string {
  if (state?.terminated !== undefined) return "ended";
  if (state?.running !== undefined) return "running";
  const reason = state?.waiting?.reason ?? "";
  return isPullProblem(reason) ? "pull" : reason;
}
