import type { V1Container, V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import type { BuildPodSettings } from "./build-pod-settings.ts";
import { CONTAINERS, INPUT_FOLDER, resourcesOf } from "./container-shape.ts";
import type { LayoutDaemon } from "./layout-build.ts";
import { environment, literal } from "./pod-text.ts";

/** The volume on the node's disk that is the daemon's alone. */
export const STORAGE_VOLUME = "storage";

/** A native sidecar (Kubernetes documentation, "Sidecar Containers"): an init container after which the next one starts while it runs. */
export function daemonContainer(daemon: LayoutDaemon, settings: BuildPodSettings): V1Container {
  const { image, command, env = {}, user = 0, ready, storage } = daemon;
  return {
    name: CONTAINERS.daemon,
    image,
    restartPolicy: "Always",
    command: command.map(literal),
    env: environment(env),
    securityContext: { privileged: true, runAsUser: user, runAsGroup: user, runAsNonRoot: user !== 0 },
    resources: resourcesOf(daemon.resources ?? settings.resources?.build),
    startupProbe: {
      // Nothing is expanded here.
      exec: { command: [...ready.command] },
      periodSeconds: 1,
      timeoutSeconds: 10,
      failureThreshold: ready.seconds,
    },
    // When it fails, its last lines are how it ended.
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "input", mountPath: INPUT_FOLDER, readOnly: true },
      { name: STORAGE_VOLUME, mountPath: storage.mountPath },
      sharedMount(daemon),
    ],
  };
}

/** The folder that daemon and `build` have in common. */
export function sharedMount({ sharedFolder }: LayoutDaemon): V1VolumeMount {
  return { name: "shared", mountPath: sharedFolder };
}

export function daemonVolumes(daemon: LayoutDaemon | undefined): V1Volume[] {
  if (daemon === undefined) return [];
  return [
    { name: "shared", emptyDir: { sizeLimit: "16Mi" } },
    { name: STORAGE_VOLUME, emptyDir: { sizeLimit: daemon.storage.size } },
  ];
}
