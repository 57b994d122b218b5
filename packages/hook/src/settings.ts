import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname, isAbsolute } from "node:path";
import { BuildError, type RegistryTrust } from "@slipway/core";
import type { SettingName } from "./settings-table.ts";

export type LogLevel = "error" | "warn" | "info" | "debug";

/** Everything that the environment decides, checked. Values of the registry are read by `registrySettings`, only where they are needed. */
export interface HookSettings {
  /** Name of the runner's pod, and the owner of all that is made. */
  readonly runnerPod: string;
  readonly namespace: string | undefined;
  readonly podTimeoutMs: number;
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
}

/** Where built images go. */
export interface RegistrySettings {
  /** `host[:port][/path]` as a pod reaches it. */
  readonly push: string;
  /** The same registry as a node reaches it. */
  readonly pull: string;
  readonly secretName: string | undefined;
}

export type Environment = Readonly<Partial<Record<string, string>>>;

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}

/** Reads and checks the settings. Throws INVALID_CONFIG that names the variable, its value and the cure. */
export function readSettings(env: Environment): HookSettings {
  const runnerWorkspace = absolutePath(env, "RUNNER_WORKSPACE");
  const workFolder = dirname(runnerWorkspace);
  return {
    runnerPod: podName(env),
    namespace: read(env, "ACTIONS_RUNNER_KUBERNETES_NAMESPACE"),
    podTimeoutMs: seconds(env, "ACTIONS_RUNNER_PREPARE_JOB_TIMEOUT_SECONDS", 600) * 1000,
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
  };
}

/** ADR 0034's settings. Throws INVALID_CONFIG; called only for an action with a Dockerfile. */
export function registrySettings(env: Environment): RegistrySettings {
  return {
    push: registryHost(env, "ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST_PUSH"),
    pull: registryHost(env, "ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST_PULL"),
    secretName: secretName(env),
  };
}

/** The registry part of `host[:port][/path]`. */
export function hostOf(registry: string): string {
  return registry.split("/", 1)[0] ?? registry;
}

function read(env: Environment, name: SettingName): string | undefined {
  return env[name]?.trim() || undefined;
}

function podName(env: Environment): string {
  const name = read(env, "ACTIONS_RUNNER_POD_NAME");
  if (name === undefined) {
    throw new BuildError("INVALID_CONFIG", "ACTIONS_RUNNER_POD_NAME is not set", {
      remedy: "Set it on the runner container from metadata.name, as ARC does",
    });
  }
  // It becomes a label value, which is shorter than a pod's name may be.
  if (/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw malformed("ACTIONS_RUNNER_POD_NAME", name, "the name of a pod, of at most 63 characters");
}

function absolutePath(env: Environment, name: SettingName): string {
  const path = read(env, name);
  if (path !== undefined && isAbsolute(path)) return path.replace(/(?<=.)\/+$/, "");
  throw malformed(name, path ?? "", "an absolute path; the runner sets it for every hook");
}

function wholeNumber(env: Environment, name: SettingName, otherwise: number): number {
  const text = read(env, name);
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && value > 0 && Number.isSafeInteger(value)) return value;
  throw malformed(name, text, "a whole number above 0");
}

/** Longer ones would overflow Node's timers, and then end at once. */
const MAX_SECONDS = 2_000_000;

function seconds(env: Environment, name: SettingName, otherwise: number): number {
  const value = wholeNumber(env, name, otherwise);
  if (value <= MAX_SECONDS) return value;
  throw malformed(name, String(value), `at most ${MAX_SECONDS} seconds, which are 23 days`);
}

function logLevel(env: Environment): LogLevel {
  const text = read(env, "SLIPWAY_LOG_LEVEL") ?? (env["RUNNER_DEBUG"] === "1" ? "debug" : "warn");
  const level = (["error", "warn", "info", "debug"] as const).find((known) => known === text);
  if (level !== undefined) return level;
  throw malformed("SLIPWAY_LOG_LEVEL", text, "error, warn, info or debug");
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

function secretName(env: Environment): string | undefined {
  const name = "ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_SECRET_NAME";
  const value = read(env, name);
  if (value === undefined || /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(value)) return value;
  throw malformed(name, value, "the name of a Secret in the runner's namespace");
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

function readText(name: SettingName, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildError("INVALID_CONFIG", `${name} names a file that cannot be read: ${reason}`, {
      remedy: `Mount the file into the runner container, or correct ${name}`,
      cause,
    });
  }
}

/** A user name and password that somebody put in front of a host. */
function redacted(value: string): string {
  return value.replace(/.*@/s, "***@");
}

function malformed(name: SettingName, value: string, wanted: string): BuildError {
  return new BuildError(
    "INVALID_CONFIG",
    `${name} is ${value === "" ? "not set" : `"${value}"`}, but must be ${wanted}`,
    {
      remedy: `Correct ${name} on the runner container; docs/settings.md lists every setting`,
    },
  );
}
