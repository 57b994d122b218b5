import type { V1Pod } from "@kubernetes/client-node";
import { BuildError, type Clock, isBuildError, sleep } from "@slipway/core";
import { containerEnd, type KubeApi, podFailure, podHasEnded } from "@slipway/kube";
import type { SessionTarget } from "./session-task.ts";

/** Why nothing more is to be expected of the pod; undefined where it may go on. */
export type PodVerdict = BuildError | undefined;

export interface LookAtPod {
  readonly api: KubeApi;
  readonly target: SessionTarget;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How long kubelet and API server may take to show that a container has ended. */
const END_VISIBLE_MS = 10_000;
const POLL_MS = 250;

/** Looks at the pod after a lost connection. A cluster that does not answer tells nothing. */
export async function whyLost(look: LookAtPod): Promise<PodVerdict> {
  try {
    return verdictOn(await look.api.get("pods", look.target.pod, look.signal), look.target);
  } catch (error) {
    if (isBuildError(error) && (error.retryable || error.code === "CANCELLED")) return undefined;
    throw error;
  }
}

/** Why the agent gave up. That its container is gone it can say; why, only the pod's status tells, a moment later. */
export async function whyStopped(said: BuildError, look: LookAtPod): Promise<BuildError> {
  if (said.code !== "POD_LOST") return said;
  const until = look.clock.now() + END_VISIBLE_MS;
  for (;;) {
    const verdict = await whyLost(look).catch(() => undefined);
    if (verdict !== undefined) return verdict;
    if (look.clock.now() >= until || look.signal.aborted) return said;
    await sleep(look.clock, POLL_MS, look.signal).catch(() => undefined);
  }
}

function verdictOn(pod: V1Pod | undefined, { pod: name, uid }: SessionTarget): PodVerdict {
  const ours = uid === undefined || pod?.metadata?.uid === uid;
  if (pod === undefined || !ours)
    return lost(`Pod ${name} of the job is gone: it was deleted by someone else`);
  const failure = podFailure(pod, {
    userContainer: "job",
    settings: {
      deadline: "SLIPWAY_JOB_TIMEOUT_SECONDS",
      memory: { job: "resources.limits.memory of the container `$job` in the pod template" },
    },
  });
  if (failure !== undefined) return failure;
  if (pod.metadata?.deletionTimestamp !== undefined)
    return lost(`Pod ${name} of the job was deleted by someone else while the job ran`);
  return (
    endOf(pod, "job") ?? endOf(pod, "sync") ?? (podHasEnded(pod) ? lost(`Pod ${name} has ended`) : undefined)
  );
}

function endOf(pod: V1Pod, container: string): PodVerdict {
  const end = containerEnd(pod, container);
  if (end === undefined) return undefined;
  return lost(
    `Container ${container} of pod ${pod.metadata?.name} ended with exit code ${end.exitCode} while the job ran`,
    `Look at the log of that container${container === "job" ? ", and for a step that kills its processes" : ""}`,
  );
}

function lost(
  message: string,
  remedy = "Run the job again; look at the audit log and at controllers that delete pods in this namespace",
): BuildError {
  return new BuildError("POD_LOST", message, { remedy });
}
