import type { V1Container, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";

/** Every container that the pod declares, init containers first: the order in which they run. */
export function containersOf(pod: V1Pod): readonly V1Container[] {
  return [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
}

/** The status of every container that has one, init containers first. */
export function statusesOf(pod: V1Pod): readonly V1ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
}
