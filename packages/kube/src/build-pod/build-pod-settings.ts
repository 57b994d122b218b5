import type { V1Toleration } from "@kubernetes/client-node";
import type { RegistryTrust } from "@slipway/core";
import type { AgentRuntime, PodOwner } from "./agent-runtime.ts";
import type { Resources } from "./layout-build.ts";

/** What the operator decides about build pods. */
export interface BuildPodSettings {
  readonly agent: AgentRuntime;
  readonly owner: PodOwner;
  /** The `kubernetes.io/dockerconfigjson` Secret for pushing; left out, the registry is asked anonymously. */
  readonly registrySecret?: string;
  readonly trust: RegistryTrust;
  readonly limits: BuildPodLimits;
  /** Requests and limits; those of `build` may be replaced by the builder. */
  readonly resources?: { readonly build?: Resources; readonly agent?: Resources };
  readonly scheduling?: BuildPodScheduling;
  /** An account without any rights. The namespace's default, without a token, when left out. */
  readonly serviceAccountName?: string;
  /** What the operator sets, by name, for remedies: the longest life of the pod, the largest image and the largest context. */
  readonly settingNames?: {
    readonly deadline?: string;
    readonly storage?: string;
    readonly context?: { readonly maxBytes?: string; readonly maxEntries?: string };
  };
}

export interface BuildPodLimits {
  readonly contextBytes: number;
  readonly contextEntries: number;
  readonly imageBytes: number;
  /** Longest life of a build pod, in seconds. */
  readonly deadlineSeconds: number;
  /** Longest wait for a node, in seconds. */
  readonly unschedulableSeconds?: number;
  /** Size limits of the volumes, such as `2Gi`; as large as the limits above need when left out. */
  readonly inputSize?: string;
  readonly outputSize?: string;
}

export interface BuildPodScheduling {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly V1Toleration[];
  readonly runtimeClassName?: string;
  readonly priorityClassName?: string;
}

/** Limits that hold where nobody set others. */
export const DEFAULT_BUILD_POD_LIMITS: BuildPodLimits = {
  contextBytes: 2 * 1024 ** 3,
  contextEntries: 200_000,
  imageBytes: 20 * 1024 ** 3,
  deadlineSeconds: 3600,
  unschedulableSeconds: 600,
};
