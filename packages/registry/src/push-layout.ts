import {
  BuildError,
  type Digest,
  type ImageFacts,
  type ImageReference,
  isBuildError,
  parseDestination,
  type RegistryTrust,
} from "@slipway/core";
import type { Keychain } from "./keychain.ts";
import type { CheckedLayout, LayoutBlob } from "./oci-layout.ts";
import { RegistryClient } from "./registry-client.ts";
import type { RegistryClientOptions } from "./registry-connection.ts";

/** What was pushed, as the registry gave it back. */
export interface PushReport {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly facts: ImageFacts;
}

export interface PushProgress {
  /** As it was given. */
  readonly destination: string;
  /** Bytes of blobs that the registry has of this image, those that it had before included. */
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface PushOptions {
  readonly trust: RegistryTrust;
  readonly keychain: Keychain;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: PushProgress) => void;
  /** Blobs at the same time; 3. */
  readonly parallel?: number;
  /** Bytes for one PATCH; see UploadOptions. */
  readonly chunkBytes?: number;
  /** How the client retries. */
  readonly client?: Pick<
    RegistryClientOptions,
    "clock" | "random" | "idleTimeoutMs" | "retryBudgetMs" | "maxAttempts"
  >;
}

/**
 * Pushes a checked image to every destination (`host/repository:tag`) and reads each tag back. What a registry has is
 * not sent again, and what an earlier destination of the same registry got is mounted.
 * Rejects with a BuildError; what was pushed until then stays.
 */
export async function pushLayout(
  layout: CheckedLayout,
  destinations: readonly string[],
  options: PushOptions,
): Promise<PushReport> {
  const targets = destinations.map((name) => ({ name, reference: parseDestination(name) }));
  const clients = new Map<string, RegistryClient>();
  try {
    const done: ImageReference[] = [];
    for (const { name, reference } of targets) {
      const client = clients.get(reference.registry) ?? clientFor(reference.registry, options);
      clients.set(reference.registry, client);
      await new ImagePush(client, layout, name, options).run(reference, done);
      done.push(reference);
    }
  } finally {
    for (const client of clients.values()) client.close();
  }
  const { digest, mediaType, sizeBytes, facts } = layout;
  return { digest, mediaType, sizeBytes, facts };
}

function clientFor(host: string, { trust, keychain, signal, client }: PushOptions): RegistryClient {
  return new RegistryClient({ ...client, host, trust, keychain, signal });
}

/** One image on its way to one destination. */
class ImagePush {
  readonly #client: RegistryClient;
  readonly #layout: CheckedLayout;
  readonly #name: string;
  readonly #options: PushOptions;
  readonly #bytesDone = new Map<Digest, number>();

  constructor(client: RegistryClient, layout: CheckedLayout, name: string, options: PushOptions) {
    this.#client = client;
    this.#layout = layout;
    this.#name = name;
    this.#options = options;
  }

  async run(
    { registry, repository, tag = "" }: ImageReference,
    done: readonly ImageReference[],
  ): Promise<void> {
    const sameHost = done.filter((other) => other.registry === registry);
    if (!sameHost.some((other) => other.repository === repository)) {
      const mountFrom = sameHost[0]?.repository;
      await forEach(this.#layout.blobs, this.#options.parallel ?? 3, (blob) =>
        this.#pushBlob(repository, blob, mountFrom),
      );
    }
    await this.#pushManifest(repository, tag);
    await this.#readBack(repository, tag);
  }

  async #pushBlob(repository: string, blob: LayoutBlob, mountFrom: string | undefined): Promise<void> {
    const onProgress = (bytes: number) => this.#report(blob.digest, bytes);
    if (await this.#client.hasBlob(repository, blob.digest)) return onProgress(blob.size);
    const { chunkBytes } = this.#options;
    await this.#client.uploadBlob(repository, blob, {
      mountFrom,
      onProgress,
      ...(chunkBytes !== undefined && { chunkBytes }),
    });
  }

  async #pushManifest(repository: string, tag: string): Promise<void> {
    const { manifest, mediaType, digest } = this.#layout;
    try {
      await this.#client.putManifest(repository, tag, manifest, mediaType);
    } catch (error) {
      const existing = await this.#tagAfter(error, repository, tag);
      // The answer was lost, or the tag is immutable and was ours already.
      if (existing === digest) return;
      if (existing !== undefined && isImmutable(error)) throw immutable(this.#name, existing, error);
      throw error;
    }
  }

  /** What the tag names after a failed push; undefined when that cannot be known either. */
  async #tagAfter(error: unknown, repository: string, tag: string): Promise<Digest | undefined> {
    if (isBuildError(error) && error.code === "CANCELLED") return undefined;
    return this.#client.headManifest(repository, tag).catch(() => undefined);
  }

  async #readBack(repository: string, tag: string): Promise<void> {
    const stored = await this.#client.getManifest(repository, tag);
    if (stored?.digest === this.#layout.digest) return;
    const found = stored === undefined ? "has nothing under that name" : `has ${stored.digest}`;
    throw new BuildError(
      "RESULT_UNVERIFIED",
      `${this.#name}: pushed ${this.#layout.digest}, but the registry ${found}`,
      {
        remedy: "See who else pushes to this name, and whether the registry replicates with a delay",
      },
    );
  }

  #report(digest: Digest, bytes: number): void {
    this.#bytesDone.set(digest, bytes);
    const sum = (total: number, size: number) => total + size;
    this.#options.onProgress?.({
      destination: this.#name,
      doneBytes: [...this.#bytesDone.values()].reduce(sum, 0),
      totalBytes: this.#layout.blobs.map(({ size }) => size).reduce(sum, 0),
    });
  }
}

/** Registries report a tag that must not move with 409, or with 400, 403 or 405 and a text. */
function isImmutable(error: unknown): boolean {
  if (!isBuildError(error)) return false;
  return (
    error.details["status"] === 409 || /immutable|TAG_INVALID|already exists|overwrit/i.test(error.message)
  );
}

function immutable(name: string, existing: Digest, cause: unknown): BuildError {
  return new BuildError(
    "REGISTRY_DENIED",
    `${name}: the tag is immutable and names another image, ${existing}`,
    {
      remedy: "Push to a new tag, or allow this one to be overwritten",
      cause,
    },
  );
}

/** Runs `work` for every item, some at a time. Settles only when nothing runs any more; the first failure is thrown. */
async function forEach<T>(
  items: readonly T[],
  parallel: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined && failures.length === 0; item = queue.shift())
      await work(item).catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  if (failures.length > 0) throw failures[0];
}
