import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BuildError, type Digest, isBuildError, parseReference, type RegistryTrust } from "@slipway/core";
import { type Keychain, RegistryClient } from "@slipway/registry";

export interface PullOptions {
  readonly trust: RegistryTrust;
  readonly keychain: Keychain;
  readonly signal: AbortSignal;
}

/** The `config` of an image's configuration (OCI image specification, config.md). */
export interface RunConfig {
  readonly Env?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const LARGEST_CONFIG = 4 << 20;

/** Unpacks an image into a folder, without regard to deleted files, and returns how it is to be run. */
export async function pullBase(reference: string, folder: string, options: PullOptions): Promise<RunConfig> {
  const { registry, repository, tag = "latest", digest } = parseReference(reference);
  const client = new RegistryClient({ host: registry, ...options });
  try {
    const stored = await client.getManifest(repository, digest ?? tag);
    if (stored === undefined) throw unavailable(reference);
    const { config, layers } = JSON.parse(stored.bytes.toString()) as {
      config: { digest: Digest };
      layers: { digest: Digest }[];
    };
    for (const layer of layers) await unpack(client.readBlob(repository, layer.digest), folder);
    const bytes = await client.getBlob(repository, config.digest, LARGEST_CONFIG);
    return (JSON.parse(bytes.toString()) as { config?: RunConfig }).config ?? {};
  } catch (error) {
    if (isBuildError(error) && error.code === "REGISTRY_DENIED") throw unavailable(reference, error);
    throw error;
  } finally {
    client.close();
  }
}

async function unpack(gzipped: AsyncIterable<Buffer>, folder: string): Promise<void> {
  const tar = spawn("tar", ["-xzf", "-", "-C", folder], { stdio: ["pipe", "ignore", "inherit"] });
  const [[code]] = await Promise.all([once(tar, "close"), pipeline(Readable.from(gzipped), tar.stdin)]);
  if (code !== 0) throw new Error(`tar ended with code ${code}`);
}

function unavailable(reference: string, cause?: unknown): BuildError {
  return new BuildError("BASE_IMAGE_UNAVAILABLE", `${reference} cannot be pulled`, {
    remedy: "Check the name, and that the credential may pull it",
    cause,
  });
}
