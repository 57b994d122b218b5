import type { V1Pod } from "@kubernetes/client-node";
import { type ImageBuilder, isBuildError, type Logger } from "@slipway/core";
import type { KubeApi, Resource } from "@slipway/kube";
import { OWNER_LABEL } from "./cluster/owned-metadata.ts";
import { nameOf } from "./container-step/step-objects.ts";
import { showServiceLogs } from "./job/service-log.ts";
import type { StepOutput } from "./output/step-output.ts";

export interface CleanupServices {
  readonly api: KubeApi;
  readonly logger: Logger;
  readonly output: StepOutput;
  readonly signal: AbortSignal;
  /** Makes the configured builder; it may be one that cannot be made, which is no reason to leave pods behind. */
  readonly builder: () => ImageBuilder | Promise<ImageBuilder>;
}

/**
 * cleanup_job: shows what the services of the job said last, and deletes what carries this runner's label, and nothing else. The runner's own pod stays. Safe to call twice; what is gone
 * already is success. Rejects with the first reason why something is still there.
 */
export async function cleanupJob(runnerPod: string, services: CleanupServices): Promise<void> {
  const outcomes = await Promise.allSettled([
    prune(runnerPod, services),
    // Jobs take their pods along; the pods of this list are then gone already.
    deleteAll("jobs", runnerPod, services),
    deleteAll("pods", runnerPod, services),
    deleteAll("secrets", runnerPod, services),
  ]);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function deleteAll(resource: Resource, runnerPod: string, services: CleanupServices): Promise<void> {
  const { api, signal } = services;
  const found = await listOf(resource, runnerPod, services);
  if (resource === "pods") for (const pod of found as readonly V1Pod[]) await showServiceLogs(pod, services);
  const names = found.map(nameOf).filter((name) => !(resource === "pods" && name === runnerPod));
  const deletions = names.map((name) => api.delete(resource, name, { graceSeconds: 0 }, signal));
  const failed = (await Promise.allSettled(deletions)).find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function listOf(resource: Resource, runnerPod: string, { api, logger, signal }: CleanupServices) {
  try {
    return await api.list(resource, `${OWNER_LABEL}=${runnerPod}`, signal);
  } catch (error) {
    // ARC's Role grants Jobs in one of its modes only; then there are none of ours.
    if (resource !== "jobs" || !isBuildError(error) || error.code !== "PERMISSION_DENIED") throw error;
    logger.debug(`Jobs are not looked for: ${error.message}`);
    return [];
  }
}

async function prune(runnerPod: string, { builder, logger, signal }: CleanupServices): Promise<void> {
  try {
    const made = await builder();
    await made.prune?.(runnerPod, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    // A job without Dockerfiles needs no registry and no builder: that none can be made is no news then.
    const tell = isBuildError(error) && error.code === "INVALID_CONFIG" ? logger.debug : logger.warn;
    const reason = error instanceof Error ? error.message : String(error);
    tell.call(logger, `The builder could not clean up after itself: ${reason}`);
  }
}
