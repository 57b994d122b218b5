import { type CaseRegistry, caseDestination } from "@slipway/conformance";
import { formatReference, parseReference } from "@slipway/core";
import { parseDockerConfig, RegistryClient } from "@slipway/registry";
import { type ImageSource, openRegistryImage } from "@slipway/registry/image";
import type { Testbed } from "@slipway/testbed";

/** The images of the test bed, by the names that pods and Dockerfiles have for them. */
export interface BuiltImages {
  readonly registry: Pick<CaseRegistry, "destination" | "resolveDigest" | "tags">;
  /** Opens an image that was pushed, or one that a Dockerfile builds on. */
  open(reference: string): Promise<ImageSource>;
  close(): void;
}

/** Pods name the registries by their services, and here they are reached by their node ports. */
export function builtImages(testbed: Testbed): BuiltImages {
  const { registryUrl, mirrorUrl, pushHost, mirrorHost } = testbed;
  const { registryUsername: username, registryPassword: password } = testbed;
  const pushed = new URL(registryUrl).host;
  const mirror = new URL(mirrorUrl).host;
  const options = {
    trust: { plainHttp: [pushed, mirror] },
    keychain: parseDockerConfig(JSON.stringify({ auths: { [pushed]: { username, password } } })),
  };
  const client = new RegistryClient({ host: pushed, ...options });
  const hosts = new Map([
    [pushHost, pushed],
    [mirrorHost, mirror],
    ["docker.io", mirror],
  ]);
  return {
    registry: {
      destination: (item, builder) => caseDestination(pushHost, item, builder),
      resolveDigest: (reference) => {
        const { repository, tag = "latest", digest } = parseReference(reference);
        return client.headManifest(repository, digest ?? tag);
      },
      tags: (destination) => client.listTags(parseReference(destination).repository),
    },
    open: (reference) => {
      const parsed = parseReference(reference);
      const registry = hosts.get(parsed.registry) ?? parsed.registry;
      return openRegistryImage(formatReference({ ...parsed, registry }), options);
    },
    close: () => client.close(),
  };
}
