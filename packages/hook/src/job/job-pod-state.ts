import type { V1Pod } from "@kubernetes/client-node";
import { BuildError } from "@slipway/core";
import { agentFailure, containerEnd, containerState, type FailureContext, podFailure } from "@slipway/kube";

/** A service, as far as waiting for it goes. */
export interface AwaitedService {
  readonly name: string;
  /** It has a health check, which has to pass before the job begins. */
  readonly isProbed: boolean;
}

/** Whether steps can run: our containers do, and services run, are healthy, or have ended by themselves. */
export function isOnline(pod: V1Pod, services: readonly AwaitedService[]): boolean {
  return isStarted(pod, services) && unhealthyServices(pod, services).length === 0;
}

/** Whether all that is left to wait for is health checks. */
export function isStarted(pod: V1Pod, services: readonly AwaitedService[]): boolean {
  const running = ["job", "sync"].every((name) => containerState(pod, name)?.running !== undefined);
  return running && services.every(({ name }) => hasStarted(pod, name));
}

export function unhealthyServices(pod: V1Pod, services: readonly AwaitedService[]): readonly string[] {
  const ready = (pod.status?.containerStatuses ?? [])
    .filter((status) => status.ready)
    .map(({ name }) => name);
  return services.filter(({ name, isProbed }) => isProbed && !ready.includes(name)).map(({ name }) => name);
}

/** Why the pod will never be online; undefined while it still may. `details.service` names the service that is the reason. */
export function onlineFailure(
  pod: V1Pod,
  services: readonly AwaitedService[],
  waiting: Pick<FailureContext, "waitedSeconds" | "unschedulableSeconds">,
): BuildError | undefined {
  return knownFailure(pod, services, waiting) ?? agentEnd(pod) ?? serviceEnd(pod, services);
}

function knownFailure(
  pod: V1Pod,
  services: readonly AwaitedService[],
  waiting: Pick<FailureContext, "waitedSeconds" | "unschedulableSeconds">,
): BuildError | undefined {
  const settings = { deadline: "SLIPWAY_JOB_TIMEOUT_SECONDS" };
  const failure = podFailure(pod, { userContainer: "job", settings, ...waiting });
  const container = failure?.details["container"];
  // Images of services, too, are chosen by the workflow.
  const service = services.find(({ name }) => name === container);
  return service === undefined
    ? failure
    : podFailure(pod, { userContainer: service.name, settings, ...waiting });
}

const AGENTS: Readonly<Record<string, string>> = { install: "install", sync: "serve", job: "supervise" };

/** `install` has to end well, the others not at all. */
function agentEnd(pod: V1Pod): BuildError | undefined {
  for (const [container, command] of Object.entries(AGENTS)) {
    const end = containerEnd(pod, container);
    if (end !== undefined && !(container === "install" && end.exitCode === 0))
      return agentFailure(command, end.exitCode, end.message ?? "");
  }
  return undefined;
}

function serviceEnd(pod: V1Pod, services: readonly AwaitedService[]): BuildError | undefined {
  for (const { name, isProbed } of services) {
    const end = containerEnd(pod, name);
    if (end === undefined || !isProbed) continue;
    return new BuildError(
      "INVALID_REQUEST",
      `Service ${name} ended with exit code ${end.exitCode} before its health check passed`,
      {
        remedy: "Correct the service's image, variables or options in the workflow; its last lines are above",
        details: { service: name, exitCode: end.exitCode },
      },
    );
  }
  return undefined;
}

function hasStarted(pod: V1Pod, container: string): boolean {
  const state = containerState(pod, container);
  return state?.running !== undefined || state?.terminated !== undefined;
}
