import {
  BuildError,
  type Digest,
  factsOf,
  type ImageFacts,
  isBuildError,
  parseReference,
} from "@slipway/core";
import { parseManifest, parsePlatforms, type Refusal } from "./image-manifest.ts";
import { INDEX_TYPES, MANIFEST_TYPES } from "./media-types.ts";
import { RegistryClient, type StoredManifest } from "./registry-client.ts";
import type { RegistryClientOptions } from "./registry-connection.ts";

/** How to speak to the registry of a reference. */
export type LookupOptions = Omit<RegistryClientOptions, "host">;

const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
/** Half a minute, not minutes: a network policy that drops packets is a common reason why nothing can be looked up from here. */
const SHORT_PATIENCE = { maxAttempts: 3, idleTimeoutMs: 10_000 };

/**
 * The digest that a reference has in its registry; undefined when the registry has no such image. `"unreachable"` when
 * no connection can be made from here, as with a name that only pods can resolve: the registry has then said nothing.
 */
export async function resolveDigest(
  reference: string,
  options: LookupOptions,
): Promise<Digest | undefined | "unreachable"> {
  const { registry, repository, tag = "latest", digest } = parseReference(reference);
  const client = new RegistryClient({ ...SHORT_PATIENCE, ...options, host: registry });
  try {
    return await client.headManifest(repository, digest ?? tag);
  } catch (error) {
    if (isBuildError(error) && error.details["connected"] === false) return "unreachable";
    throw error;
  } finally {
    client.close();
  }
}

/**
 * Reads the config of an image (OCI image spec, config.md), through an index to the image for `platform`, which is
 * `os/architecture[/variant]`. Rejects with IMAGE_UNAVAILABLE when there is no such image.
 */
export async function readImageFacts(
  reference: string,
  options: LookupOptions & { readonly platform?: string },
): Promise<ImageFacts> {
  const { registry, repository, tag = "latest", digest } = parseReference(reference);
  const client = new RegistryClient({ ...SHORT_PATIENCE, ...options, host: registry });
  const refuse = unusable(reference);
  try {
    const image = await findImage(client, repository, digest ?? tag, options.platform, refuse);
    const { config } = parseManifest(image.bytes, image.mediaType, refuse);
    const bytes = await client.getBlob(repository, config.digest, MAX_CONFIG_BYTES);
    return factsOf(parseConfig(bytes, refuse));
  } finally {
    client.close();
  }
}

/** Makes the error for a reference that leads to no image. */
export function unusable(reference: string): Refusal {
  return (problem, cause) =>
    new BuildError("IMAGE_UNAVAILABLE", `${reference} is not a usable image: ${problem}`, {
      remedy: "Check that the name is that of a container image",
      cause,
    });
}

/** The manifest of an image, through an index to that for the platform. */
export async function findImage(
  client: RegistryClient,
  repository: string,
  reference: string,
  platform: string | undefined,
  refuse: Refusal,
): Promise<StoredManifest> {
  const found = await client.getManifest(repository, reference);
  if (found === undefined) throw refuse("the registry does not have it");
  if (MANIFEST_TYPES.includes(found.mediaType)) return found;
  if (!INDEX_TYPES.includes(found.mediaType)) throw refuse("its media type is not that of an image");
  const chosen = await client.getManifest(repository, choose(found.bytes, platform ?? ownPlatform(), refuse));
  if (chosen === undefined) throw refuse("the registry lacks a manifest that its index names");
  return chosen;
}

function choose(index: Buffer, platform: string, refuse: Refusal): Digest {
  const [os, architecture, variant] = platform.split("/");
  const fitting = parsePlatforms(index, refuse).filter(
    (one) => one.os === os && one.architecture === architecture,
  );
  const exact = fitting.find((one) => one.variant === (variant ?? ""));
  const chosen = exact ?? (variant === undefined ? fitting[0] : undefined);
  if (chosen === undefined) throw refuse(`it has no variant for ${platform}`);
  return chosen.digest;
}

/** Containers are Linux, whatever this program runs on. */
function ownPlatform(): string {
  const names: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", ia32: "386" };
  return `linux/${names[process.arch] ?? process.arch}`;
}

function parseConfig(bytes: Buffer, refuse: Refusal): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw refuse("its config is not JSON", error);
  }
}
