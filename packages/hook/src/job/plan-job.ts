import { resolve } from "node:path";
import type { V1Secret } from "@kubernetes/client-node";
import { parseReference } from "@slipway/core";
import type { PodOwner } from "@slipway/kube";
import type { BeginRequest } from "@slipway/step-protocol";
import type { RunnerPod } from "../cluster/runner-pod.ts";
import { cut, stepNames } from "../container-step/step-names.ts";
import { assertStepEnvironment, stepEnvironment, stepSecret } from "../container-step/step-secret.ts";
import type { JobContainer } from "../protocol/prepare-job.ts";
import { stepArguments } from "../protocol/step-arguments.ts";
import type { HookSettings } from "../settings.ts";
import { serviceNames } from "./container-names.ts";
import { type CreateOptions, parseCreateOptions } from "./create-options.ts";
import type { ServicePlan } from "./job-container.ts";
import { EXTERNALS_PATH, type JobFolders, planJobFolders } from "./job-folders.ts";
import type { JobPlan } from "./job-pod.ts";
import { containerPorts } from "./port-mappings.ts";
import { pullSecrets } from "./pull-secrets.ts";

/** What the workflow asks for: a container, and services beside it. */
export interface AskedJob {
  readonly container: JobContainer;
  readonly services: readonly JobContainer[];
}

export interface PlannedJob {
  readonly plan: JobPlan;
  readonly secrets: readonly V1Secret[];
  readonly folders: JobFolders;
  /** What the containers are told when they run. */
  readonly begin: BeginRequest;
  /** Options that have no effect, one sentence for each container. */
  readonly warnings: readonly string[];
}

type PlanSettings = Pick<HookSettings, "workFolder" | "jobTimeoutSeconds" | "podTimeoutMs">;

/** Everything about the job that can be decided before the cluster is asked. Throws INVALID_REQUEST for what cannot be done. */
export function planJob(asked: AskedJob, runner: RunnerPod, settings: PlanSettings): PlannedJob {
  const { container } = asked;
  const containers = [container, ...asked.services];
  for (const { image } of containers) parseReference(image);
  const folders = planJobFolders(foldersRequest(asked), settings.workFolder, runner.placement);
  const options = parseCreateOptions(container.createOptions);
  const services = planServices(asked.services, folders, runner.owner);
  const registries = pullSecrets(
    containers.map(({ registry }) => registry),
    runner.owner,
  );
  const plan: JobPlan = {
    ...runner,
    name: `${cut(runner.owner.runnerPod, 54)}-workflow`,
    externals: externalsOf(container),
    job: {
      image: container.image,
      options,
      ports: containerPorts(container.portMappings),
      mounts: folders.jobMounts,
    },
    services: services.plans,
    subPaths: folders.subPaths,
    volumes: folders.volumes,
    imagePullSecrets: [
      ...registries.map(({ metadata }) => metadata?.name ?? ""),
      ...runner.agent.imagePullSecrets,
    ],
    jobTimeoutSeconds: settings.jobTimeoutSeconds,
    startSeconds: Math.ceil(settings.podTimeoutMs / 1000),
  };
  return {
    plan,
    secrets: [...registries, ...services.secrets],
    folders,
    begin: beginOf(container, options),
    warnings: [
      ...warningsOf(plan.job.options, "job"),
      ...plan.services.flatMap(({ options, name }) => warningsOf(options, name)),
    ],
  };
}

/** The runner's folders as the containers ask for them. */
export function foldersRequest({ container, services }: AskedJob): Parameters<typeof planJobFolders>[0] {
  return {
    systemMounts: container.systemMounts,
    jobVolumes: container.userMounts,
    serviceVolumes: services.map(({ userMounts }) => userMounts),
  };
}

function beginOf(container: JobContainer, options: CreateOptions): BeginRequest {
  // HOME of the image, as with the official hooks: the one that the runner sends is for containers that it starts itself.
  const { HOME: _home, ...environment } = container.environment;
  return {
    kind: "begin",
    environment: { ...environment, ...options.environment },
    ...(container.entryPoint === undefined
      ? {}
      : { main: { entryPoint: container.entryPoint, args: stepArguments(container.entryPointArgs) } }),
    files: false,
  };
}

/** One Secret holds the values of all services; each container refers to its own. */
function planServices(
  services: readonly JobContainer[],
  folders: JobFolders,
  owner: PodOwner,
): { readonly plans: readonly ServicePlan[]; readonly secrets: readonly V1Secret[] } {
  const secretName = stepNames(owner.runnerPod).secret;
  const names = serviceNames(services.map(({ image }) => image));
  const values: Record<string, string> = {};
  const plans = services.map((service, index) => {
    const options = parseCreateOptions(service.createOptions);
    const environment = { ...service.environment, ...options.environment };
    assertStepEnvironment(environment);
    const variables = Object.keys(environment);
    const first = Object.keys(values).length;
    for (const variable of variables) values[`${index} ${variable}`] = environment[variable] ?? "";
    const before = Array.from({ length: first }, () => "");
    return {
      name: names[index] ?? "",
      image: service.image,
      options,
      ports: containerPorts(service.portMappings),
      mounts: folders.serviceMounts[index] ?? [],
      entryPoint: service.entryPoint,
      args: stepArguments(service.entryPointArgs),
      environment: stepEnvironment(secretName, [...before, ...variables]).slice(first),
    };
  });
  const secrets = Object.keys(values).length === 0 ? [] : [stepSecret(secretName, values, owner)];
  return { plans, secrets };
}

/** In the agent's image, which is the runner's: where the runner itself has them. */
function externalsOf({ systemMounts }: JobContainer): string {
  const mount = systemMounts.find(({ target }) => resolve(target) === EXTERNALS_PATH);
  return mount?.source ?? "/home/runner/externals";
}

function warningsOf({ ignored }: CreateOptions, container: string): string[] {
  if (ignored.length === 0) return [];
  return [
    `Options without effect on container ${container} in Kubernetes: ${ignored.join(", ")}. Set what they stand for under the name $${container} in the pod template (ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE), or drop them.`,
  ];
}
