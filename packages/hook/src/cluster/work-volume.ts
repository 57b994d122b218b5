import type { V1PodSpec, V1Volume } from "@kubernetes/client-node";
import type { WorkPlacement } from "../work/work-placement.ts";

/** The volume with the work folder, in every pod of a job. */
export const WORK_VOLUME = "work";

export function workVolume(placement: WorkPlacement): V1Volume {
  if (placement.kind === "copy") return { name: WORK_VOLUME, emptyDir: {} };
  return { name: WORK_VOLUME, persistentVolumeClaim: { claimName: placement.claim } };
}

/** What brings a pod to the runner's node, where the two share a claim: most claims can be mounted by one node only. */
export function onRunnersNode(placement: WorkPlacement): Pick<V1PodSpec, "nodeName" | "affinity"> {
  if (placement.kind === "copy" || placement.node === undefined) return {};
  if (placement.pinned) return { nodeName: placement.node };
  // By the node's name, which is not always the value of the label `kubernetes.io/hostname`.
  const term = { matchFields: [{ key: "metadata.name", operator: "In", values: [placement.node] }] };
  return {
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
    },
  };
}
