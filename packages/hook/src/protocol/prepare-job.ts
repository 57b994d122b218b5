import * as v from "valibot";
import { checkInput, refusedInput } from "./check-input.ts";
import { type Mount, mountSchema, toMount } from "./hook-input.ts";

export interface RegistryCredential {
  /** `host[:port]`; undefined for Docker Hub. */
  readonly server: string | undefined;
  readonly username: string;
  readonly password: string;
}

/** A container of the job, or of one of its services, as the workflow describes it, without nulls (actions/runner, HookInput.cs, `HookContainer`). */
export interface JobContainer {
  readonly image: string;
  /** undefined: the image's own. */
  readonly entryPoint: string | undefined;
  /** As the runner sends them: one string split at spaces. `stepArguments` puts them together again. */
  readonly entryPointArgs: readonly string[];
  /** The text behind `options:`. */
  readonly createOptions: string;
  readonly registry: RegistryCredential | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** As written in the workflow: `80`, `8080:80/tcp`. */
  readonly portMappings: readonly string[];
  readonly systemMounts: readonly Mount[];
  readonly userMounts: readonly Mount[];
}

/** `args` of prepare_job. */
export interface PrepareJob {
  readonly container: JobContainer | undefined;
  readonly services: readonly JobContainer[];
}

const registry = v.object({
  username: v.nullish(v.string(), ""),
  password: v.nullish(v.string(), ""),
  serverUrl: v.nullish(v.string(), ""),
});

const container = v.object({
  image: v.nullish(v.string()),
  entryPoint: v.nullish(v.string()),
  entryPointArgs: v.nullish(v.array(v.string()), []),
  createOptions: v.nullish(v.string(), ""),
  registry: v.nullish(registry),
  environmentVariables: v.nullish(v.record(v.string(), v.nullish(v.string(), "")), {}),
  portMappings: v.nullish(v.array(v.string()), []),
  systemMountVolumes: v.nullish(v.array(mountSchema), []),
  userMountVolumes: v.nullish(v.array(mountSchema), []),
});

const prepareJob = v.object({
  container: v.nullish(container),
  services: v.nullish(v.array(container), []),
});

/** Checks the `args` of prepare_job. Throws INVALID_REQUEST that names the field. */
export function parsePrepareJob(args: unknown): PrepareJob {
  const job = checkInput(prepareJob, args, "args");
  return {
    container: job.container ? toContainer(job.container, "args.container") : undefined,
    services: job.services.map((service, index) => toContainer(service, `args.services.${index}`)),
  };
}

function toContainer(sent: v.InferOutput<typeof container>, field: string): JobContainer {
  if (!sent.image) throw refusedInput(`${field}.image is missing`);
  return {
    image: sent.image,
    entryPoint: sent.entryPoint || undefined,
    entryPointArgs: sent.entryPointArgs,
    createOptions: sent.createOptions,
    registry: sent.registry ? toCredential(sent.registry) : undefined,
    environment: sent.environmentVariables,
    portMappings: sent.portMappings,
    systemMounts: sent.systemMountVolumes.map(toMount),
    userMounts: sent.userMountVolumes.map(toMount),
  };
}

function toCredential(sent: v.InferOutput<typeof registry>): RegistryCredential | undefined {
  const { username, password, serverUrl } = sent;
  return username === "" ? undefined : { username, password, server: serverUrl || undefined };
}
