import type { V1Container, V1Pod, V1PodSpec, V1Volume } from "@kubernetes/client-node";
import type { BuildRequest } from "@slipway/core";
import { agentImage } from "./agent-runtime.ts";
import type { BuildPodLimits, BuildPodSettings } from "./build-pod-settings.ts";
import { agentSecurity, buildSecurity, CONTAINERS, INPUT_FOLDER, resourcesOf } from "./container-shape.ts";
import { daemonContainer, daemonVolumes, sharedMount } from "./daemon-container.ts";
import { BUILD_PATHS, type LayoutBuild, type LayoutContainer, type LayoutDaemon } from "./layout-build.ts";
import { environment, labelValue, literal } from "./pod-text.ts";

/** Where the agent's volume, and the Secret for pushing, are mounted. */
export const AGENT_FILE = "/slipway/agent.cjs";
const AUTH_FOLDER = "/slipway-auth";
const OUTPUT_FOLDER = "/kaniko/output";

const BLOCK_BYTES = 4096;
/** For the Dockerfile, certificates and manifests. */
const SPARE_MEBIBYTES = 64;

/** The two-phase build pod: `build` has ended, with all that it started, before the credential for pushing appears in `push`. */
export function buildPodSpec(
  name: string,
  build: LayoutBuild,
  request: BuildRequest,
  settings: BuildPodSettings,
): V1Pod {
  return podOf(name, build.builder, settings, {
    ...commonSpec(settings, request.platform),
    ...(build.daemon?.ownUsers === true ? { hostUsers: false } : {}),
    initContainers: [
      receiveContainer(settings),
      ...(build.daemon === undefined ? [] : [daemonContainer(build.daemon, settings)]),
      buildContainer(build.container, settings, build.daemon),
    ],
    containers: [pushContainer(request, settings)],
    volumes: [...volumesOf(build.container, settings), ...daemonVolumes(build.daemon)],
  });
}

/** A pod with nothing but the builder's image. */
export function probePodSpec(
  name: string,
  builder: string,
  container: LayoutContainer,
  settings: BuildPodSettings,
): V1Pod {
  const { pullSecret: _, ...rest } = container;
  const probe = {
    ...buildContainer(rest, settings),
    volumeMounts: [],
    resources: resourcesOf(settings.resources?.agent),
  };
  return podOf(name, builder, settings, { ...commonSpec(settings, undefined), containers: [probe] });
}

function podOf(name: string, builder: string, { owner }: BuildPodSettings, spec: V1PodSpec): V1Pod {
  // No blockOwnerDeletion: that would need the right to set finalizers.
  const references =
    owner.uid === undefined
      ? {}
      : { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: owner.runnerPod, uid: owner.uid }] };
  const labels = { "runner-pod": owner.runnerPod, "slipway.dev/builder": labelValue(builder) };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, labels, ...references }, spec };
}

function commonSpec(settings: BuildPodSettings, platform: string | undefined): Omit<V1PodSpec, "containers"> {
  const { agent, limits, scheduling = {}, serviceAccountName } = settings;
  const { tolerations, runtimeClassName, priorityClassName } = scheduling;
  return {
    restartPolicy: "Never",
    activeDeadlineSeconds: limits.deadlineSeconds,
    terminationGracePeriodSeconds: 2,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    ...nodeSelectorOf(scheduling.nodeSelector, platform),
    ...(tolerations === undefined ? {} : { tolerations: [...tolerations] }),
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
    ...(agent.imagePullSecrets.length === 0
      ? {}
      : { imagePullSecrets: agent.imagePullSecrets.map((name) => ({ name })) }),
  };
}

/** Nothing here emulates another architecture: the pod has to be on a node that has it. */
function nodeSelectorOf(nodeSelector: Readonly<Record<string, string>> = {}, platform: string | undefined) {
  const [os, arch] = platform?.split("/") ?? [];
  const asked =
    os === undefined || arch === undefined ? {} : { "kubernetes.io/os": os, "kubernetes.io/arch": arch };
  const selector = { ...nodeSelector, ...asked };
  return Object.keys(selector).length === 0 ? {} : { nodeSelector: selector };
}

function receiveContainer(settings: BuildPodSettings): V1Container {
  const { agent, limits } = settings;
  const options = { timeoutSeconds: limits.deadlineSeconds, folders: [INPUT_FOLDER] };
  return {
    ...agentContainer(CONTAINERS.receive, settings),
    // The only place with the agent's source; `push` starts the file that is installed here.
    command: [agent.node, "-e", literal(agent.source), "receive", literal(JSON.stringify(options))],
    volumeMounts: [
      { name: "agent", mountPath: "/slipway" },
      { name: "input", mountPath: INPUT_FOLDER },
    ],
  };
}

function buildContainer(
  container: LayoutContainer,
  { resources }: BuildPodSettings,
  daemon?: LayoutDaemon,
): V1Container {
  const { image, command, args, env = {}, capabilities, pullSecret } = container;
  const pull =
    pullSecret === undefined ? [] : [{ name: "pull", mountPath: pullSecret.mountPath, readOnly: true }];
  return {
    name: CONTAINERS.build,
    image,
    ...(command === undefined ? {} : { command: command.map(literal) }),
    args: args.map(literal),
    env: environment(env),
    securityContext: buildSecurity(capabilities),
    // Beside a daemon it is that which does the work.
    resources: resourcesOf(
      container.resources ?? (daemon === undefined ? resources?.build : resources?.agent),
    ),
    volumeMounts: [
      { name: "input", mountPath: INPUT_FOLDER, readOnly: true },
      { name: "output", mountPath: OUTPUT_FOLDER },
      ...pull,
      ...(daemon === undefined ? [] : [sharedMount(daemon)]),
    ],
  };
}

function pushContainer(request: BuildRequest, settings: BuildPodSettings): V1Container {
  const { agent, registrySecret, trust, limits } = settings;
  const auth = registrySecret === undefined ? {} : { auth: `${AUTH_FOLDER}/config.json` };
  const { destinations } = request;
  const options = { layout: BUILD_PATHS.layout, destinations, ...auth, trust, maxBytes: limits.imageBytes };
  return {
    ...agentContainer(CONTAINERS.push, settings),
    command: [agent.node, AGENT_FILE, "push", literal(JSON.stringify(options))],
    volumeMounts: [
      { name: "agent", mountPath: "/slipway", readOnly: true },
      { name: "output", mountPath: OUTPUT_FOLDER, readOnly: true },
      ...(registrySecret === undefined ? [] : [{ name: "auth", mountPath: AUTH_FOLDER, readOnly: true }]),
    ],
  };
}

function agentContainer(name: string, { agent, resources }: BuildPodSettings): V1Container {
  return {
    name,
    ...agentImage(agent),
    securityContext: agentSecurity(),
    resources: resourcesOf(resources?.agent),
  };
}

function volumesOf(
  { pullSecret }: LayoutContainer,
  { registrySecret, limits }: BuildPodSettings,
): V1Volume[] {
  return [
    { name: "agent", emptyDir: { sizeLimit: "16Mi" } },
    { name: "input", emptyDir: { sizeLimit: limits.inputSize ?? sizeOfInput(limits) } },
    { name: "output", emptyDir: { sizeLimit: limits.outputSize ?? mebibytes(limits.imageBytes) } },
    ...(registrySecret === undefined ? [] : [dockerConfig("auth", registrySecret)]),
    ...(pullSecret === undefined ? [] : [dockerConfig("pull", pullSecret.name)]),
  ];
}

/** The agent counts bytes of content; on the disk each file takes whole blocks. */
function sizeOfInput({ contextBytes, contextEntries }: BuildPodLimits): string {
  return mebibytes(contextBytes + contextEntries * BLOCK_BYTES);
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2) + SPARE_MEBIBYTES}Mi`;
}

function dockerConfig(name: string, secretName: string): V1Volume {
  const items = [{ key: ".dockerconfigjson", path: "config.json" }];
  return { name, secret: { secretName, items, defaultMode: 0o400 } };
}
