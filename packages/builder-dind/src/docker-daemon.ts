import type { RegistryTrust } from "@slipway/core";
import type { LayoutDaemon } from "@slipway/kube";
import { classifyDaemonFailure } from "./classify-daemon-failure.ts";
import type { DindConfig } from "./config.ts";
import { CERTIFICATES, DAEMON_SCRIPT, READY_COMMAND, SHARED, STORAGE } from "./start-scripts.ts";

/** The user of the rootless images. */
const ROOTLESS_USER = 1000;

/** The daemon: one for each build, reached by a socket in the pod and by nothing else. */
export function dockerDaemon(config: DindConfig, trust: RegistryTrust): LayoutDaemon {
  const { image, variant, resources, storage, startSeconds, mirrorsOnly } = config;
  return {
    image,
    command: ["sh", "-c", DAEMON_SCRIPT],
    env: {
      DAEMON_JSON: JSON.stringify(daemonConfig(config, trust)),
      // All that a RUN prints reaches the log; BuildKit cuts it at 2 MiB otherwise.
      BUILDKIT_STEP_LOG_MAX_SIZE: "-1",
      BUILDKIT_STEP_LOG_MAX_SPEED: "-1",
      ...(mirrorsOnly ? { NOT_DOCKER_IO: "1" } : {}),
      ...(trust.ca === undefined ? {} : { SSL_CERT_DIR: CERTIFICATES }),
    },
    ...(variant === "rootless" ? { user: ROOTLESS_USER } : {}),
    ...(variant === "userns" ? { ownUsers: true } : {}),
    ...(resources === undefined ? {} : { resources: resources as NonNullable<LayoutDaemon["resources"]> }),
    ready: { command: READY_COMMAND, seconds: startSeconds },
    sharedFolder: SHARED,
    storage: { mountPath: STORAGE, size: storage },
    settingNames: {
      memory: "resources.limits.memory in SLIPWAY_BUILDER_CONFIG",
      storage: "storage in SLIPWAY_BUILDER_CONFIG",
    },
    classify: (failure) => classifyDaemonFailure(failure, config),
  };
}

/** `daemon.json` (Docker documentation, "dockerd", "Daemon configuration file"). */
function daemonConfig({ registryMirrors }: DindConfig, { plainHttp }: RegistryTrust): object {
  const scheme = (host: string) => (plainHttp.includes(host) ? "http" : "https");
  return {
    // Only with it the daemon can write an OCI layout, and base layers stay the blobs that they are in their registry.
    features: { "containerd-snapshotter": true },
    "registry-mirrors": registryMirrors.map((host) => `${scheme(host)}://${host}`),
    "insecure-registries": plainHttp,
    // RUN has the network of the pod (docs/decisions/0015): there is nothing to bridge, to translate or to filter.
    bridge: "none",
    iptables: false,
    ip6tables: false,
  };
}
