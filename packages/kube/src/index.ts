export { type AgentRuntime, agentImage, type PodOwner } from "./build-pod/agent-runtime.ts";
export {
  type BuildPodLimits,
  type BuildPodScheduling,
  type BuildPodSettings,
  DEFAULT_BUILD_POD_LIMITS,
} from "./build-pod/build-pod-settings.ts";
export { type BuildPodsOptions, createBuildPods } from "./build-pod/cluster-build-pods.ts";
export { buildPodsOf, withBuildPods } from "./build-pod/host-build-pods.ts";
export {
  BUILD_PATHS,
  type BuildPods,
  type ContainerFailure,
  type DaemonFailure,
  type LayoutBuild,
  type LayoutContainer,
  type LayoutDaemon,
  type Resources,
} from "./build-pod/layout-build.ts";
export { literal } from "./build-pod/pod-text.ts";
export * from "./builder-config/config-fields.ts";
export { parseBuilderConfig } from "./builder-config/parse-config.ts";
export { createKubeApi, currentNamespace, type KubeApiOptions } from "./client/client-kube-api.ts";
export { containerEnd, containerState, podHasEnded } from "./container-state.ts";
export * from "./kube-api.ts";
export { type FollowLogOptions, followLog } from "./log/follow-log.ts";
export { missingRule, PERMISSIONS, type Permission } from "./permissions.ts";
export { podFailure } from "./pod-failure.ts";
export type { FailureContext } from "./pod-failure-context.ts";
export { because, oneLine } from "./pod-failure-text.ts";
export { type AgentCommand, agentCommand, agentFailure, isNotInstalled } from "./tree/agent-command.ts";
export { ByteChannel } from "./tree/byte-channel.ts";
export { type FetchChangesOptions, fetchChanges } from "./tree/fetch-changes.ts";
export { type SendTreeOptions, sendTree } from "./tree/send-tree.ts";
export { type WaitForPodOptions, waitForPod, whatItWaitsFor } from "./wait-for-pod.ts";
