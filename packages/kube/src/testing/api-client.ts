import type { Logger } from "@slipway/core";
import { createKubeApi, type KubeApiOptions } from "../client/client-kube-api.ts";
import type { KubeApi } from "../kube-api.ts";
import type { ApiServer } from "./api-server.ts";
import { ManualClock } from "./manual-clock.ts";

/** Keeps quiet. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A real client of a scripted server, in namespace `jobs`, whose waits take no real time. */
export function apiFor(server: ApiServer, options: Partial<KubeApiOptions> = {}): KubeApi {
  return createKubeApi({
    namespace: "jobs",
    kubeconfig: server.kubeconfig(),
    logger: silentLogger,
    clock: new ManualClock({ running: true }),
    ...options,
  });
}
