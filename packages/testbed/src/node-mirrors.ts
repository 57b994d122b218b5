import type { DockerClient } from "./docker-client.ts";
import { NODE } from "./kind-cluster.ts";
import { names } from "./testbed-state.ts";

const UPSTREAM: Readonly<Record<string, string>> = {
  "docker.io": "https://registry-1.docker.io",
  "ghcr.io": "https://ghcr.io",
  "gcr.io": "https://gcr.io",
};

/** Lets the node's containerd look into our mirror first, so that the kubelet pulls images under their real names. */
export async function configureNodeMirrors(docker: DockerClient): Promise<void> {
  for (const [registry, server] of Object.entries(UPSTREAM)) {
    const text = `server = "${server}"\n\n[host."http://${names.mirrorPullHost}"]\n  capabilities = ["pull", "resolve"]\n`;
    const folder = `/etc/containerd/certs.d/${registry}`;
    await docker.run(["exec", "-i", NODE, "sh", "-ec", `mkdir -p ${folder} && cat > ${folder}/hosts.toml`], {
      input: text,
    });
  }
}
