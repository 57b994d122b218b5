import { basename } from "node:path";
import { splitAtSpaces } from "../hook-arguments.ts";
import type { WorkLayout } from "../work-layout.ts";
import { jobMounts, type Mount } from "./container-paths.ts";
import type { ContainerSpec, JobSpec } from "./workflow-file.ts";

/** A container as the runner writes it: all fields, nulls included (actions/runner, HookInput, HookContainer). */
export interface HookContainer {
  readonly image: string;
  readonly dockerfile: null;
  readonly entryPointArgs: readonly string[];
  readonly entryPoint: string | null;
  readonly workingDirectory: string | null;
  readonly createOptions: string | null;
  readonly registry: {
    readonly username: string;
    readonly password: string;
    readonly serverUrl: string;
  } | null;
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly portMappings: readonly string[];
  readonly systemMountVolumes: readonly Mount[];
  readonly userMountVolumes: readonly Mount[];
}

export interface PrepareArguments {
  readonly container: HookContainer | null;
  readonly services: readonly HookContainer[];
}

/** `args` of prepare_job. */
export function prepareArguments(job: JobSpec, layout: WorkLayout): PrepareArguments {
  const container = job.container;
  return {
    container:
      container === undefined
        ? null
        : {
            ...hookContainer(container),
            workingDirectory: `/__w/${basename(layout.runnerWorkspace)}/${basename(layout.workspace)}`,
            environmentVariables: { ...container.env, HOME: "/github/home" },
            systemMountVolumes: jobMounts(layout),
          },
    services: Object.values(job.services).map(hookContainer),
  };
}

function hookContainer(spec: ContainerSpec): HookContainer {
  return {
    image: spec.image,
    dockerfile: null,
    entryPointArgs: splitAtSpaces(spec.command ?? ""),
    entryPoint: spec.entrypoint ?? null,
    workingDirectory: null,
    createOptions: spec.options ?? null,
    registry: registryOf(spec),
    environmentVariables: spec.env,
    portMappings: spec.ports,
    systemMountVolumes: [],
    userMountVolumes: spec.volumes.map(userMount),
  };
}

/** "" stands for Docker Hub; for GitHub's own registry the runner gives the job's token where the workflow names no credentials. */
function registryOf({ image, credentials }: ContainerSpec): HookContainer["registry"] {
  const [first = "", ...rest] = image.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const serverUrl = isHost && first !== "docker.io" ? first : "";
  if (credentials !== undefined) return { ...credentials, serverUrl };
  return serverUrl === "ghcr.io" ? { username: "octocat", password: "ghs_of-this-job", serverUrl } : null;
}

/** `source:target[:ro]`, or a target alone. */
function userMount(userProvidedValue: string): Mount {
  const [first = "", second, mode] = userProvidedValue.split(":");
  return {
    userProvidedValue,
    sourceVolumePath: second === undefined ? null : first,
    targetVolumePath: second ?? first,
    readOnly: mode === "ro",
  };
}
