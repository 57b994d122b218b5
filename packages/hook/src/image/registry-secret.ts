import type { V1Secret } from "@kubernetes/client-node";
import { BuildError, isBuildError, type Logger } from "@slipway/core";
import type { KubeApi } from "@slipway/kube";
import { anonymous, type DockerConfig, type Keychain, parseDockerConfig, secretsOf } from "@slipway/registry";
import { hostOf, type RegistrySettings } from "../settings.ts";

const SECRET_TYPE = "kubernetes.io/dockerconfigjson";
const SECRET_KEY = ".dockerconfigjson";

/** What the hook itself may do at the registry. Pushing is not among it: that happens in the cluster. */
export interface RegistryAccess {
  readonly keychain: Keychain;
  /** Texts that must never be printed. */
  readonly secrets: readonly string[];
  /** False when our Role may not read the Secret: asking the registry without it would only tell 401. */
  readonly canLookUp: boolean;
}

/**
 * Reads the registry's Secret before any pod is made. Throws INVALID_CONFIG when it is missing, has another type, is malformed, or has no
 * entry for the registry. Where the Role grants no `get` on secrets, the pod that pushes reports such things later.
 */
export async function readRegistrySecret(
  api: KubeApi,
  registry: RegistrySettings,
  logger: Logger,
  signal: AbortSignal,
): Promise<RegistryAccess> {
  if (registry.secretName === undefined) return { keychain: anonymous, secrets: [], canLookUp: true };
  const secret = await readable(api, registry.secretName, logger, signal);
  if (secret === "forbidden") return { keychain: anonymous, secrets: [], canLookUp: false };
  const config = dockerConfigOf(secret, registry.secretName, api.namespace);
  checkHosts(config, registry, logger);
  return { keychain: config, secrets: secretsOf(config), canLookUp: true };
}

async function readable(
  api: KubeApi,
  name: string,
  logger: Logger,
  signal: AbortSignal,
): Promise<V1Secret | "forbidden" | undefined> {
  try {
    return await api.get("secrets", name, signal);
  } catch (error) {
    if (!isBuildError(error) || error.code !== "PERMISSION_DENIED") throw error;
    logger.debug(`The Secret ${name} is not checked beforehand: ${error.message}`);
    return "forbidden";
  }
}

function dockerConfigOf(secret: V1Secret | undefined, name: string, namespace: string): DockerConfig {
  if (secret === undefined) throw unusable(name, `does not exist in namespace "${namespace}"`);
  if (secret.type !== SECRET_TYPE)
    throw unusable(name, `has type ${secret.type ?? "Opaque"}, not ${SECRET_TYPE}`);
  const data = secret.data?.[SECRET_KEY];
  if (data === undefined) throw unusable(name, `has no key ${SECRET_KEY}`);
  try {
    return parseDockerConfig(Buffer.from(data, "base64").toString("utf8"));
  } catch (cause) {
    throw unusable(name, `cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function checkHosts(
  config: DockerConfig,
  { push, pull, secretName }: RegistrySettings,
  logger: Logger,
): void {
  if (config.resolve(hostOf(push)) === undefined) {
    throw unusable(
      secretName ?? "",
      `has no entry for ${hostOf(push)}; it has entries for ${config.hosts.join(", ")}`,
    );
  }
  if (config.resolve(hostOf(pull)) === undefined) {
    logger.warn(
      `The Secret ${secretName} has no entry for ${hostOf(pull)}: nodes pull built images without a password`,
    );
  }
}

function unusable(name: string, problem: string, cause?: unknown): BuildError {
  return new BuildError("INVALID_CONFIG", `The Secret ${name} ${problem}`, {
    remedy:
      "Make it with `kubectl create secret docker-registry NAME --docker-server=HOST …` in the runner's namespace, with an entry for the host that is pushed to, and set ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_SECRET_NAME",
    cause,
  });
}
