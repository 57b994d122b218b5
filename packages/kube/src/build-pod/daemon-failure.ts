import type { V1ContainerStateTerminated, V1Pod } from "@kubernetes/client-node";
import type { BuildError } from "@slipway/core";
import { containerEnd, containerState } from "../container-state.ts";
import { statusesOf } from "../pod-containers.ts";
import { CONTAINERS } from "./container-shape.ts";
import type { LayoutDaemon } from "./layout-build.ts";

/** What it means that the daemon ended while it was needed; undefined while it was not, or has not. */
export function daemonFailure(pod: V1Pod, daemon: LayoutDaemon | undefined): BuildError | undefined {
  const end = daemon === undefined ? undefined : earlyEnd(pod);
  if (daemon === undefined || end === undefined) return undefined;
  return daemon.classify({
    exitCode: end.exitCode,
    reason: end.reason ?? "",
    lines: (end.message ?? "").split("\n").filter((line) => line.trim() !== ""),
    wasReady: containerState(pod, CONTAINERS.build)?.waiting === undefined,
    seconds: secondsOf(end),
  });
}

/**
 * The kubelet starts a sidecar again that ended, and keeps in `lastState` how it did. Where it is not started again, the pod is coming
 * to its end, and the daemon ended because `build` had.
 */
function earlyEnd(pod: V1Pod): V1ContainerStateTerminated | undefined {
  const build = containerEnd(pod, CONTAINERS.build);
  if (build?.exitCode === 0) return undefined;
  const status = statusesOf(pod).find(({ name }) => name === CONTAINERS.daemon);
  return status?.lastState?.terminated ?? (build === undefined ? status?.state?.terminated : undefined);
}

function secondsOf({ startedAt, finishedAt }: V1ContainerStateTerminated): number {
  if (startedAt === undefined || finishedAt === undefined) return 0;
  return (new Date(finishedAt).getTime() - new Date(startedAt).getTime()) / 1000;
}
