import type { V1ContainerState, V1ContainerStateTerminated, V1Pod } from "@kubernetes/client-node";
import { statusesOf } from "./pod-containers.ts";

/** What the kubelet last said of a container, init containers included; undefined while it said nothing. */
export function containerState(pod: V1Pod, container: string): V1ContainerState | undefined {
  return statusesOf(pod).find(({ name }) => name === container)?.state;
}

/** How the container ended; undefined while it has not. */
export function containerEnd(pod: V1Pod, container: string): V1ContainerStateTerminated | undefined {
  return containerState(pod, container)?.terminated;
}

/** No container of such a pod starts any more. */
export function podHasEnded(pod: V1Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}
