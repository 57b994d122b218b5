import { dirname } from "node:path";
import { names, type TestbedState } from "./testbed-state.ts";

/** The environment in which the hook uses this test bed, and what a shell needs beside it. */
export function testbedEnvironment(state: TestbedState): Record<string, string> {
  return {
    KUBECONFIG: state.kubeconfig,
    ...hookEnvironment(state),
    ACTIONS_RUNNER_POD_NAME: state.runnerPod,
    ACTIONS_RUNNER_KUBERNETES_NAMESPACE: state.namespace,
    SLIPWAY_AGENT_IMAGE: state.agentImage,
    SLIPWAY_AGENT_NODE: state.agentNode,
    SLIPWAY_TESTBED_KUBECTL: state.kubectl,
    SLIPWAY_TESTBED_REGISTRY_URL: state.registryUrl,
    SLIPWAY_TESTBED_REGISTRY_USERNAME: state.registryUsername,
    SLIPWAY_TESTBED_REGISTRY_PASSWORD: state.registryPassword,
    SLIPWAY_TESTBED_MIRROR_URL: state.mirrorUrl,
    SLIPWAY_TESTBED_MIRROR_HOST: state.mirrorHost,
    SLIPWAY_TESTBED_KANIKO_IMAGE: state.kanikoImage,
    SLIPWAY_TESTBED_KANIKO_VERSION: state.kanikoVersion,
    SLIPWAY_TESTBED_DIND_IMAGE: state.dindImage,
    SLIPWAY_TESTBED_DIND_VERSION: state.dindVersion,
    SLIPWAY_TESTBED_BASE_IMAGES: state.baseImages.join(" "),
  };
}

/** What an operator would set on the runner container for this cluster: no more than that. */
export function hookEnvironment(state: TestbedState): Record<string, string> {
  // Without a way to the world, a look at docker.io only delays the answer that an image does not exist.
  const mirrorsOnly = state.online ? {} : { mirrorsOnly: true };
  const builder = { image: state.kanikoImage, registryMirrors: [state.mirrorHost], ...mirrorsOnly };
  return {
    ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST_PUSH: state.pushHost,
    ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_HOST_PULL: state.pullHost,
    ACTIONS_RUNNER_CONTAINER_HOOKS_K8S_REGISTRY_SECRET_NAME: state.registrySecret,
    SLIPWAY_PLAIN_HTTP_REGISTRIES: `${state.pushHost},${names.mirrorHost}`,
    SLIPWAY_BUILDER_CONFIG: JSON.stringify(builder),
  };
}

/** `export` lines that any POSIX shell takes, values quoted. */
export function exportLines(state: TestbedState): string {
  const lines = Object.entries(testbedEnvironment(state)).map(
    ([name, value]) => `export ${name}=${quoted(value)}`,
  );
  return [...lines, `export PATH=${quoted(dirname(state.kubectl))}:"$PATH"`].join("\n");
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
