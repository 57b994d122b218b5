import type { V1ObjectMeta } from "@kubernetes/client-node";
import type { PodOwner } from "@slipway/kube";

/** The label by which cleanup_job, and ARC after a runner that died, find what belongs to a runner. */
export const OWNER_LABEL = "runner-pod";
/** The step that an object belongs to; finds the pod that a Job made. */
export const STEP_LABEL = "slipway.dev/step";

/** Name, label and owner of everything that the hook makes. */
export function ownedMetadata(
  name: string,
  owner: PodOwner,
  labels: Readonly<Record<string, string>> = {},
): V1ObjectMeta {
  return {
    name,
    labels: { [OWNER_LABEL]: owner.runnerPod, ...labels },
    ...(owner.uid === undefined ? {} : { ownerReferences: [runnerReference(owner.runnerPod, owner.uid)] }),
  };
}

function runnerReference(name: string, uid: string) {
  // No blockOwnerDeletion: setting it needs rights on finalizers, which ARC's Role does not give.
  return { apiVersion: "v1", kind: "Pod", name, uid };
}
