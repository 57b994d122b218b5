import { createHash, randomUUID } from "node:crypto";
import type { Digest } from "@slipway/core";

export interface StoredContent {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** What one repository holds. */
export interface Repository {
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, StoredContent>;
  readonly tags: Map<string, Digest>;
}

/** An upload that has begun. */
export interface UploadSession {
  readonly repository: string;
  bytes: Buffer;
}

/** The content of a registry in memory. Tests may read and change it. */
export class RegistryStore {
  readonly repositories = new Map<string, Repository>();
  readonly uploads = new Map<string, UploadSession>();

  /** The repository, made when it is missing. */
  repository(name: string): Repository {
    const known = this.repositories.get(name);
    if (known !== undefined) return known;
    const made: Repository = { blobs: new Map(), manifests: new Map(), tags: new Map() };
    this.repositories.set(name, made);
    return made;
  }

  /** By tag or digest. */
  manifest(name: string, reference: string): (StoredContent & { readonly digest: string }) | undefined {
    const repository = this.repositories.get(name);
    const digest = repository?.tags.get(reference) ?? reference;
    const stored = repository?.manifests.get(digest);
    return stored === undefined ? undefined : { ...stored, digest };
  }

  /** Puts a blob without a request. */
  addBlob(name: string, bytes: Buffer): Digest {
    const digest = digestOf(bytes);
    this.repository(name).blobs.set(digest, bytes);
    return digest;
  }

  /** Puts a manifest or index without a request, by its digest and under a tag. */
  addManifest(name: string, tag: string | undefined, content: object, mediaType: string): Digest {
    const bytes = Buffer.from(JSON.stringify(content));
    const digest = digestOf(bytes);
    const repository = this.repository(name);
    repository.manifests.set(digest, { bytes, mediaType });
    if (tag !== undefined) repository.tags.set(tag, digest);
    return digest;
  }

  startUpload(repository: string): string {
    const id = randomUUID();
    this.uploads.set(id, { repository, bytes: Buffer.alloc(0) });
    return id;
  }
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
