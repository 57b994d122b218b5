import type { DockerClient } from "./docker-client.ts";
import { NODE } from "./kind-cluster.ts";

/** Where Kubernetes' own host-path provisioner makes volumes; it takes no other folder. */
const HOST_PATH_VOLUMES = "/tmp/hostpath_pv";

/**
 * Volumes of claims lie on the node's disk: kind's /tmp is in memory, and nothing in it may be executed.
 * Where kind's own node image brings a provisioner with a folder of its own, this changes nothing.
 */
export async function putClaimsOnDisk(docker: DockerClient): Promise<void> {
  const folder = "/var/slipway-testbed/claims";
  const script =
    `mountpoint -q ${HOST_PATH_VOLUMES} || ` +
    `{ mkdir -p ${folder} ${HOST_PATH_VOLUMES} && mount --bind ${folder} ${HOST_PATH_VOLUMES}; }`;
  await docker.run(["exec", NODE, "sh", "-ec", script]);
}
