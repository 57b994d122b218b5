import type { BuildRequest } from "@slipway/core";
import { BUILD_PATHS, type LayoutContainer } from "@slipway/kube";
import type { DindConfig } from "./config.ts";
import { CLIENT_SCRIPT, DOCKER_HOST } from "./start-scripts.ts";

const DOCKER_CONFIG = "/slipway-pull";

/** The client: it sends the context to the daemon, and takes the image from it as an OCI layout. */
export function dockerClient(config: DindConfig, request: BuildRequest): LayoutContainer {
  const { image, pullSecretName } = config;
  return {
    image,
    command: ["sh", "-c", CLIENT_SCRIPT, "sh"],
    args: buildArguments(request),
    env: { DOCKER_HOST, DOCKER_CONFIG, BUILDX_CONFIG: "/tmp/buildx", HOME: "/tmp" },
    // Files that their owner may not read are sent as well, as they are where Docker's user is root.
    capabilities: ["DAC_OVERRIDE"],
    ...(pullSecretName === undefined
      ? {}
      : { pullSecret: { name: pullSecretName, mountPath: DOCKER_CONFIG } }),
  };
}

function buildArguments({ target, platform, buildArgs = {}, labels = {} }: BuildRequest): string[] {
  return [
    "--progress=plain",
    `--file=${BUILD_PATHS.dockerfile}`,
    // One manifest, not an index with attestations beside it.
    ...["--provenance=false", "--sbom=false"],
    // Level 1: a tenth more bytes than by default, in a third of the time, for an image that is pulled once or twice.
    `--output=type=oci,tar=false,dest=${BUILD_PATHS.layout},compression=gzip,compression-level=1`,
    // RUN has the network of the pod, in which nothing listens, unless it asks for none (docs/decisions/0015).
    ...["--network=host", "--allow=network.host"],
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...(platform === undefined ? [] : [`--platform=${platform}`]),
    ...Object.entries(buildArgs).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`),
    BUILD_PATHS.context,
  ];
}
