import { BuildError, type Digest, isBuildError, parseReference } from "@slipway/core";
import { RegistryClient } from "../registry-client.ts";
import { findImage, type LookupOptions, unusable } from "../resolve-digest.ts";
import type { ImageSource } from "./image-source.ts";

/**
 * An image in a registry, through an index to the image for `platform`, which is `os/architecture[/variant]`; this
 * machine's when left out. Rejects with IMAGE_UNAVAILABLE when there is no such image. Close it after use.
 */
export async function openRegistryImage(
  reference: string,
  options: LookupOptions & { readonly platform?: string },
): Promise<ImageSource> {
  const { registry, repository, tag = "latest", digest } = parseReference(reference);
  const client = new RegistryClient({ ...options, host: registry });
  try {
    const manifest = await findImage(
      client,
      repository,
      digest ?? tag,
      options.platform,
      unusable(reference),
    );
    return {
      name: reference,
      manifest,
      openBlob: (blob) => readBlob(client, repository, blob),
      close: () => client.close(),
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

/** A registry that says "not found" has said something of the image, and every other error nothing. */
async function* readBlob(
  client: RegistryClient,
  repository: string,
  digest: Digest,
): AsyncGenerator<Uint8Array> {
  try {
    yield* client.readBlob(repository, digest);
  } catch (error) {
    if (!isBuildError(error) || error.details["status"] !== 404) throw error;
    throw new BuildError("RESULT_UNVERIFIED", "the registry does not have it", { cause: error });
  }
}
