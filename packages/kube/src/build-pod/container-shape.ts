import type { V1ResourceRequirements, V1SecurityContext } from "@kubernetes/client-node";
import type { Resources } from "./layout-build.ts";

/** The names of the containers, in the order in which they start. */
export const CONTAINERS = { receive: "receive", daemon: "daemon", build: "build", push: "push" } as const;

/** Where the volume with context, Dockerfile and certificates is mounted. */
export const INPUT_FOLDER = "/kaniko/input";

/** Root in its container, and nothing that would make it more than that. */
const UNPRIVILEGED_ROOT = {
  runAsUser: 0,
  runAsGroup: 0,
  runAsNonRoot: false,
  privileged: false,
  allowPrivilegeEscalation: false,
} as const satisfies V1SecurityContext;

/** For our own agent. User 0 without any capability: it may read the layout, whose blobs Kaniko makes readable to root alone. */
export function agentSecurity(): V1SecurityContext {
  return {
    ...UNPRIVILEGED_ROOT,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  };
}

/** For the untrusted container: what Pod Security `baseline` lets pass. Its root is writable, because Kaniko unpacks images there. */
export function buildSecurity(capabilities: readonly string[]): V1SecurityContext {
  return {
    ...UNPRIVILEGED_ROOT,
    readOnlyRootFilesystem: false,
    capabilities: { drop: ["ALL"], ...(capabilities.length === 0 ? {} : { add: [...capabilities] }) },
  };
}

export function resourcesOf({ requests, limits }: Resources = {}): V1ResourceRequirements {
  return {
    ...(requests === undefined ? {} : { requests: { ...requests } }),
    ...(limits === undefined ? {} : { limits: { ...limits } }),
  };
}
