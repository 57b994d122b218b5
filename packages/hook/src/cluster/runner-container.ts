import type { V1Container, V1Pod } from "@kubernetes/client-node";

/** The container we run in. ARC calls it `runner`; other set-ups have one that is the first. */
export function runnerContainer(pod: V1Pod | undefined): V1Container | undefined {
  const containers = pod?.spec?.containers ?? [];
  return containers.find(({ name }) => name === "runner") ?? containers[0];
}
