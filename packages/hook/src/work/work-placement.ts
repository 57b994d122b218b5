import type { V1Pod, V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import { BuildError } from "@slipway/core";
import { runnerContainer } from "../cluster/runner-container.ts";

/** Where the runner's work folder is for the pods of a job. */
export type WorkPlacement = CopiedWork | SharedWork;

/** Each pod has a copy of its own, which is kept like the runner's folder. */
export interface CopiedWork {
  readonly kind: "copy";
}

/** Every pod mounts the claim that holds the runner's folder. */
export interface SharedWork {
  readonly kind: "shared";
  readonly claim: string;
  /** Of the work folder in the claim, without slashes around it; "" is the claim's root. */
  readonly subPath: string;
  /** The runner's node, as far as it is known. */
  readonly node?: string | undefined;
  /** Pods are put on that node past the scheduler; otherwise the scheduler is told to choose it. */
  readonly pinned: boolean;
}

/** The settings that take part in the decision. */
export interface PlacementSettings {
  /** The runner's `_work`. */
  readonly workFolder: string;
  /** SLIPWAY_WORK_PLACEMENT */
  readonly workPlacement: "auto" | "shared" | "copy";
  /** ACTIONS_RUNNER_CLAIM_NAME */
  readonly claimName: string | undefined;
  /** ACTIONS_RUNNER_USE_KUBE_SCHEDULER */
  readonly useKubeScheduler: boolean;
}

/**
 * Finds out from the runner's own pod where its work folder lies: on a claim that other pods can mount (ARC's `kubernetes` mode), or where
 * no other pod gets at it. A claim that the operator names counts without a look. Throws INVALID_CONFIG where sharing is asked for and cannot be.
 */
export function findWorkPlacement(pod: V1Pod | undefined, settings: PlacementSettings): WorkPlacement {
  if (settings.workPlacement === "copy") return { kind: "copy" };
  const found = claimIn(pod, settings.workFolder);
  const claim = settings.claimName ?? ("obstacle" in found ? undefined : found.claim);
  if (claim !== undefined) {
    return {
      kind: "shared",
      claim,
      subPath: "obstacle" in found ? "" : found.subPath,
      node: pod?.spec?.nodeName,
      pinned: !settings.useKubeScheduler,
    };
  }
  if (settings.workPlacement === "auto" || !("obstacle" in found)) return { kind: "copy" };
  throw new BuildError("INVALID_CONFIG", `SLIPWAY_WORK_PLACEMENT is shared, but ${found.obstacle}`, {
    remedy:
      "Put the runner's work folder on a volume of the kind `ephemeral` or `persistentVolumeClaim`, as ARC's mode `kubernetes` does, name the claim with ACTIONS_RUNNER_CLAIM_NAME, or set SLIPWAY_WORK_PLACEMENT=copy",
  });
}

type FoundClaim = { readonly claim: string; readonly subPath: string } | { readonly obstacle: string };

function claimIn(pod: V1Pod | undefined, workFolder: string): FoundClaim {
  if (pod === undefined) return { obstacle: "the runner's own pod cannot be read" };
  const mount = mountOf(pod, workFolder);
  if (mount === undefined) return { obstacle: `${workFolder} is on no volume of the runner's pod` };
  const volume = pod.spec?.volumes?.find(({ name }) => name === mount.name);
  const claim = claimOf(pod, volume);
  if (claim === undefined)
    return { obstacle: `the volume ${mount.name} that holds ${workFolder} is no claim` };
  if (mount.readOnly === true || volume?.persistentVolumeClaim?.readOnly === true)
    return { obstacle: `the volume ${mount.name} that holds ${workFolder} is mounted read-only` };
  // Only the kubelet knows what it expanded to.
  if (mount.subPathExpr)
    return { obstacle: `the volume ${mount.name} that holds ${workFolder} is mounted with subPathExpr` };
  const below = workFolder.slice(withoutSlash(mount.mountPath).length);
  return { claim, subPath: partsOf(`${mount.subPath ?? ""}/${below}`).join("/") };
}

/** The mount that decides for a path: the longest one. */
function mountOf(pod: V1Pod, path: string): V1VolumeMount | undefined {
  const mounts = (runnerContainer(pod)?.volumeMounts ?? []).filter(({ mountPath }) =>
    `${path}/`.startsWith(`${withoutSlash(mountPath)}/`),
  );
  return mounts.sort((a, b) => withoutSlash(b.mountPath).length - withoutSlash(a.mountPath).length)[0];
}

/** A generic ephemeral volume has the claim `<pod>-<volume>` (Kubernetes, "Ephemeral Volumes"). */
function claimOf(pod: V1Pod, volume: V1Volume | undefined): string | undefined {
  if (volume?.ephemeral !== undefined) return `${pod.metadata?.name}-${volume.name}`;
  return volume?.persistentVolumeClaim?.claimName;
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, "");
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
