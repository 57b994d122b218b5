import { X509Certificate } from "node:crypto";
import { basename, dirname, isAbsolute } from "node:path";
import { BuildError, type RegistryTrust } from "@slipway/core";
import {
  absolutePath,
  type Environment,
  lenientSeconds,
  lenientSwitch,
  malformed,
  read,
  readText,
  redacted,
  seconds,
  type Warn,
  wholeNumber,
  word,
} from "./setting-values.ts";
import type { SettingName } from "./settings-table.ts";

export type LogLevel = "error" | "warn" | "info" | "debug";

/** Everything that the environment decides, checked. Values of the registry are read by `registrySettings`, only where they are needed. */
export interface HookSettings {
  /** Name of the runner's pod, and the owner of all that is made. */
  readonly runnerPod: string;
  readonly namespace: string | undefined;
  /** Longest time until a pod runs. */
  readonly podTimeoutMs: number;
  /** Longest life of a job's pod. */
  readonly jobTimeoutSeconds: number;
  /** File with the pod template, which is not read here: most commands do not need it. */
  readonly templatePath: string | undefined;
  /** Claim that the work folder lies on, where the runner's own pod does not tell. */
  readonly claimName: string | undefined;
  /** Job pods on the runner's node by affinity, so that the scheduler sees them; otherwise by the node's name. */
  readonly useKubeScheduler: boolean;
  readonly workPlacement: WorkPlacementSetting;
  /** The image that has the runner's externals, where the runner's own pod cannot be read. */
  readonly runnerImage: string | undefined;
  /** Folder of the job's repository: `_work/REPO`. */
  readonly runnerWorkspace: string;
  readonly workspaceName: string;
  /** The runner's `_work`. */
  readonly workFolder: string;
  /** Folders below which a Dockerfile may lie. */
  readonly actionRoots: readonly string[];
  readonly builder: string;
  readonly builderConfig: unknown;
  readonly agentImage: string | undefined;
  readonly agentNode: string | undefined;
  readonly trust: RegistryTrust;
  readonly buildTimeoutSeconds: number;
  readonly stepTimeoutSeconds: number;
  readonly maxContextBytes: number;
  readonly maxContextEntries: number;
  readonly maxImageBytes: number;
  readonly logLevel: LogLevel;
  /** Values that were not used, one sentence each; the job runs without them. */
  readonly warnings: readonly string[];
}

/** `auto`: as the spec of the runner's own pod says. */
export type WorkPlacementSetting = "auto" | "shared" | "copy";

/** Where built images go. */
export interface RegistrySettings {
  /** `host[:port][/path]` as a pod reaches it. */
  readonly push: string;
  /** The same registry as a node reaches it. */
  readonly pull: string;
  readonly secretName: string | undefined;
}

/** Reads and checks the settings. Throws INVALID_CONFIG that names the variable, its value and the cure. */
export function readSettings(env: Environment): HookSettings {
  const runnerWorkspace = absolutePath(env, "RUNNER_WORKSPACE");
  const workFolder = dirname(runnerWorkspace);
  const warnings: string[] = [];
  const warn: Warn = (message) => void warnings.push(message);
  return {
    runnerPod: podName(env),
    namespace: read(env, "ACTIONS_RUNNER_KUBERNETES_NAMESPACE"),
    podTimeoutMs: lenientSeconds(env, "ACTIONS_RUNNER_PREPARE_JOB_TIMEOUT_SECONDS", 600, warn) * 1000,
    // The longest that GitHub lets a job run on a self-hosted runner: five days.
    jobTimeoutSeconds: seconds(env, "SLIPWAY_JOB_TIMEOUT_SECONDS", 432_000),
    templatePath: templatePath(env),
    claimName: objectName(env, "ACTIONS_RUNNER_CLAIM_NAME", "PersistentVolumeClaim"),
    useKubeScheduler: lenientSwitch(env, "ACTIONS_RUNNER_USE_KUBE_SCHEDULER", warn),
    workPlacement: word(env, "SLIPWAY_WORK_PLACEMENT", ["auto", "shared", "copy"], "auto"),
    runnerImage: read(env, "ACTIONS_RUNNER_IMAGE"),
    runnerWorkspace,
    workspaceName: basename(runnerWorkspace),
    workFolder,
    actionRoots: [workFolder, read(env, "GITHUB_WORKSPACE")].filter((root) => root !== undefined),
    builder: read(env, "SLIPWAY_BUILDER") ?? "kaniko",
    builderConfig: builderConfig(env),
    agentImage: read(env, "SLIPWAY_AGENT_IMAGE"),
    agentNode: read(env, "SLIPWAY_AGENT_NODE"),
    trust: registryTrust(env),
    buildTimeoutSeconds: seconds(env, "SLIPWAY_BUILD_TIMEOUT_SECONDS", 3600),
    stepTimeoutSeconds: seconds(env, "SLIPWAY_STEP_TIMEOUT_SECONDS", 21_600),
    maxContextBytes: wholeNumber(env, "SLIPWAY_MAX_CONTEXT_BYTES", 2 * 1024 ** 3),
    maxContextEntries: wholeNumber(env, "SLIPWAY_MAX_CONTEXT_ENTRIES", 200_000),
    maxImageBytes: wholeNumber(env, "SLIPWAY_MAX_IMAGE_BYTES", 20 * 1024 ** 3),
    logLevel: logLevel(env),
    warnings,
  };
}

/** ADR 0034's settings. Throws INVALID_CONFIG; called only for an action with a Dockerfile. */
export function registrySettings(env: Environment): RegistrySettings {
  return {
    push: registryHost(env, "ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST_PUSH"),
    pull: registryHost(env, "ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST_PULL"),
    secretName: objectName(env, "ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_SECRET_NAME", "Secret"),
  };
}

/** The registry part of `host[:port][/path]`. */
export function hostOf(registry: string): string {
  return registry.split("/", 1)[0] ?? registry;
}

/** The official hook's sentence, which operators search for. */
const MISSING_POD_NAME =
  "'ACTIONS_RUNNER_POD_NAME' env is required, please contact your self hosted runner administrator";

function podName(env: Environment): string {
  const name = read(env, "ACTIONS_RUNNER_POD_NAME");
  if (name === undefined) {
    throw new BuildError("INVALID_CONFIG", MISSING_POD_NAME, {
      remedy: "Set it on the runner container from metadata.name, as ARC does",
    });
  }
  // It becomes a label value, which is shorter than a pod's name may be.
  if (/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw malformed("ACTIONS_RUNNER_POD_NAME", name, "the name of a pod, of at most 63 characters");
}

function templatePath(env: Environment): string | undefined {
  const name = "ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE";
  const path = read(env, name);
  // A relative one would lie in the working directory, which is the checkout: a workflow could bring a template of its own.
  if (path === undefined || isAbsolute(path)) return path;
  throw malformed(name, path, "an absolute path");
}

function logLevel(env: Environment): LogLevel {
  const otherwise = env["RUNNER_DEBUG"] === "1" ? "debug" : "warn";
  return word(env, "SLIPWAY_LOG_LEVEL", ["error", "warn", "info", "debug"], otherwise);
}

function registryHost(env: Environment, name: SettingName & `${string}_HOST_${"PUSH" | "PULL"}`): string {
  const plain = "ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST";
  const from = read(env, name) === undefined ? plain : name;
  const value = read(env, from);
  if (value === undefined) {
    throw new BuildError(
      "INVALID_CONFIG",
      `This action has a Dockerfile, but neither ${plain} nor ${name} is set`,
      {
        remedy: `Set ${plain} on the runner container to a registry that takes built images, such as ghcr.io/OWNER`,
      },
    );
  }
  if (/:\/\//.test(value)) throw malformed(from, redacted(value), "a host without https:// or http://");
  if (!/^[A-Za-z0-9.-]+(:\d{1,5})?(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/.test(value)) {
    throw malformed(
      from,
      redacted(value),
      "host[:port][/path] with a path in lower case, such as ghcr.io/owner",
    );
  }
  // In an image's name `registry/app` is an app of Docker Hub.
  if (/[.:]/.test(hostOf(value)) || hostOf(value) === "localhost") return value;
  throw malformed(from, value, `a host with a dot or a port: ${value.replace(/^[^/]*/, "$&:PORT")}`);
}

function objectName(env: Environment, name: SettingName, kind: string): string | undefined {
  const value = read(env, name);
  if (value === undefined || /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(value)) return value;
  throw malformed(name, value, `the name of a ${kind} in the runner's namespace`);
}

function registryTrust(env: Environment): RegistryTrust {
  const plainHttp = (read(env, "SLIPWAY_PLAIN_HTTP_REGISTRIES") ?? "")
    .split(",")
    .map((host) => host.trim())
    .filter(Boolean);
  const wrong = plainHttp.find((host) => !/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/.test(host));
  if (wrong !== undefined)
    throw malformed(
      "SLIPWAY_PLAIN_HTTP_REGISTRIES",
      redacted(wrong),
      "host:port, several separated by commas",
    );
  const file = read(env, "SLIPWAY_REGISTRY_CA_FILE");
  if (file === undefined) return { plainHttp };
  const ca = readText("SLIPWAY_REGISTRY_CA_FILE", file);
  if (isPem(ca)) return { plainHttp, ca };
  throw malformed("SLIPWAY_REGISTRY_CA_FILE", file, "a file with PEM certificates");
}

/** Whether it holds certificates, and none that is broken: that would show only when an image has been built. */
function isPem(text: string): boolean {
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
    return certificates.length > 0;
  } catch {
    return false;
  }
}

function builderConfig(env: Environment): unknown {
  const name = "SLIPWAY_BUILDER_CONFIG";
  const value = read(env, name);
  if (value === undefined) return {};
  const text = isAbsolute(value) ? readText(name, value) : value;
  try {
    return JSON.parse(text);
  } catch {
    // The text may hold secrets, and the parser's message quotes it: it is left out on purpose, as is the cause.
    const where = isAbsolute(value) ? value : `${text.length} characters`;
    throw malformed(name, where, "JSON, or the absolute path of a file with JSON");
  }
}
