import type { V1Container, V1EnvVar, V1Probe, V1VolumeMount } from "@kubernetes/client-node";
import { literal } from "@slipway/kube";
import type { CreateOptions, HealthCheck } from "./create-options.ts";
import { RUNTIME_VOLUME } from "./job-agent.ts";
import { EXTERNALS_PATH } from "./job-folders.ts";
import type { ContainerPort } from "./port-mappings.ts";

/** What a container of the workflow looks like. */
export interface ContainerPlan {
  readonly image: string;
  readonly options: CreateOptions;
  readonly ports: readonly ContainerPort[];
  readonly mounts: readonly V1VolumeMount[];
}

export interface ServicePlan extends ContainerPlan {
  readonly name: string;
  /** undefined: the image's own. */
  readonly entryPoint: string | undefined;
  readonly args: readonly string[];
  /** References into the Secret with the values. */
  readonly environment: readonly V1EnvVar[];
}

/**
 * The job's container. `supervise` runs in it, by a loader, libraries and Node of ours, so that its image needs nothing. Its environment is
 * what a template adds to it: that of the workflow is sent with each program that is started.
 */
export function jobContainer(plan: ContainerPlan, startSeconds: number): V1Container {
  const options = JSON.stringify({ timeoutSeconds: startSeconds });
  return {
    ...workflowContainer("job", plan),
    command: [
      "/__slipway/ld.so",
      "--library-path",
      "/__slipway/lib",
      "/__slipway/node",
      "/__slipway/agent.cjs",
      "supervise",
      literal(options),
    ],
    // The folder that every image has.
    workingDir: "/",
    env: RUNNER_VARIABLES,
    volumeMounts: [
      { name: RUNTIME_VOLUME, mountPath: "/__slipway", subPath: "slipway", readOnly: true },
      externalsMount(),
      ...plan.mounts,
    ],
  };
}

/** A service: its image's own program, unless the workflow names another. */
export function serviceContainer(plan: ServicePlan): V1Container {
  const given = plan.environment.map(({ name }) => name);
  const { health } = plan.options;
  return {
    ...workflowContainer(plan.name, plan),
    ...(plan.entryPoint === undefined ? {} : { command: [literal(plan.entryPoint)] }),
    ...(plan.args.length === 0 ? {} : { args: plan.args.map(literal) }),
    env: [...RUNNER_VARIABLES.filter(({ name }) => !given.includes(name)), ...plan.environment],
    volumeMounts: [externalsMount(), ...plan.mounts],
    ...(health === undefined ? {} : { readinessProbe: probeOf(health) }),
  };
}

const RUNNER_VARIABLES = [
  { name: "GITHUB_ACTIONS", value: "true" },
  { name: "CI", value: "true" },
];

function workflowContainer(name: string, { image, options, ports }: ContainerPlan): V1Container {
  const { user } = options;
  return {
    name,
    image,
    // A digest never means another image; for a tag the cluster's own rule holds, which asks again for `latest`.
    ...(image.includes("@sha256:") ? { imagePullPolicy: "IfNotPresent" } : {}),
    ...(ports.length === 0 ? {} : { ports: ports.map((port) => ({ ...port })) }),
    ...(user === undefined
      ? {}
      : {
          securityContext: {
            runAsUser: user.uid,
            ...(user.gid === undefined ? {} : { runAsGroup: user.gid }),
          },
        }),
  };
}

function externalsMount(): V1VolumeMount {
  return { name: RUNTIME_VOLUME, mountPath: EXTERNALS_PATH, subPath: "externals", readOnly: true };
}

/** Kubernetes probes at once and again soon until a container is ready, where docker waits for the first interval to pass. */
function probeOf(health: HealthCheck): V1Probe {
  return {
    // Nothing is expanded here, unlike in a container's command (API reference, core/v1 ExecAction).
    exec: { command: ["/bin/sh", "-c", health.command] },
    periodSeconds: health.intervalSeconds,
    timeoutSeconds: health.timeoutSeconds,
    failureThreshold: health.retries,
  };
}
