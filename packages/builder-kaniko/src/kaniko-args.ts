import type { BuildRequest, RegistryTrust } from "@slipway/core";
import { BUILD_PATHS, type LayoutContainer } from "@slipway/kube";
import type { KanikoConfig } from "./config.ts";
import { releaseArgs, releaseEnv } from "./kaniko-releases.ts";
import type { KanikoVersion } from "./kaniko-version.ts";

/** Everything that decides how Kaniko is called. */
export interface KanikoCall {
  readonly version: KanikoVersion;
  readonly config: KanikoConfig;
  readonly trust: RegistryTrust;
  readonly request: BuildRequest;
}

/** Where the images of Kaniko keep the system's certificates. */
const IMAGE_CERTIFICATES = "/kaniko/ssl/certs";
const DOCKER_CONFIG = "/kaniko/.docker";

/** The container that builds: a pure function of its input. */
export function kanikoContainer(call: KanikoCall): LayoutContainer {
  const { config } = call;
  const { pullSecretName, resources } = config;
  return {
    image: config.image,
    args: kanikoArgs(call),
    env: kanikoEnv(call),
    capabilities: config.capabilities,
    ...(resources === undefined ? {} : { resources: definedOf(resources) }),
    ...(pullSecretName === undefined
      ? {}
      : { pullSecret: { name: pullSecretName, mountPath: DOCKER_CONFIG } }),
  };
}

/** Flags of the executor. Always `--flag=value` in one word, so that no value can become a flag. */
export function kanikoArgs({ version, config, trust, request }: KanikoCall): readonly string[] {
  return [
    `--context=dir://${BUILD_PATHS.context}`,
    `--dockerfile=${BUILD_PATHS.dockerfile}`,
    "--no-push",
    "--no-push-cache",
    `--oci-layout-path=${BUILD_PATHS.layout}`,
    // kind mounts this file into every pod; without the flag it ends up in the image.
    "--ignore-path=/product_uuid",
    // Otherwise nothing below /var/run gets into the image. What Kubernetes mounts there is left out all the same.
    "--ignore-var-run=false",
    `--image-download-retry=${config.imageDownloadRetry}`,
    ...releaseArgs(version),
    ...trust.plainHttp.map((host) => `--insecure-registry=${host}`),
    ...config.registryMirrors.map((mirror) => `--registry-mirror=${mirror}`),
    ...(config.mirrorsOnly ? ["--skip-default-registry-fallback"] : []),
    ...Object.entries(config.registryMap).map(([from, to]) => `--registry-map=${canonicalHost(from)}=${to}`),
    ...(request.target === undefined ? [] : [`--target=${request.target}`]),
    ...(request.platform === undefined ? [] : [`--custom-platform=${request.platform}`]),
    // With its value, always: a bare NAME would be read from the executor's environment.
    ...Object.entries(request.buildArgs ?? {}).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...Object.entries(request.labels ?? {}).map(([name, value]) => `--label=${name}=${value}`),
    ...config.extraArgs,
  ];
}

function kanikoEnv({ version, config, trust }: KanikoCall): Readonly<Record<string, string>> {
  return {
    ...releaseEnv(version),
    ...(config.pullSecretName === undefined ? {} : { DOCKER_CONFIG }),
    ...(trust.ca === undefined ? {} : { SSL_CERT_DIR: `${IMAGE_CERTIFICATES}:${BUILD_PATHS.ca}` }),
  };
}

/** Kaniko knows docker.io by the name of its API's host only. */
function canonicalHost(host: string): string {
  return host === "docker.io" ? "index.docker.io" : host;
}

function definedOf({ requests, limits }: NonNullable<KanikoConfig["resources"]>) {
  return { ...(requests === undefined ? {} : { requests }), ...(limits === undefined ? {} : { limits }) };
}
