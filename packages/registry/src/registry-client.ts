import { BuildError, type Digest, isDigest } from "@slipway/core";
import type { Scope } from "./authorizer.ts";
import { downloadBlob } from "./blob-download.ts";
import type { BlobSource, UploadOptions } from "./blob-source.ts";
import { BlobUpload } from "./blob-upload.ts";
import { sha256Digest } from "./digests.ts";
import { INDEX_TYPES, MANIFEST_TYPES } from "./media-types.ts";
import {
  type RegistryClientOptions,
  RegistryConnection,
  type RegistryRequest,
} from "./registry-connection.ts";

/** A manifest or index as the registry stores it; `bytes` hash to `digest`. */
export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** How large a manifest may be: what registries accept (distribution spec 1.1, "Pushing Manifests"). */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
const ACCEPT = [...MANIFEST_TYPES, ...INDEX_TYPES].join(", ");

/**
 * Client of one registry (OCI distribution spec 1.1). Every method retries what may pass, follows redirects without
 * forwarding credentials, verifies digests, and rejects with a BuildError: REGISTRY_DENIED, REGISTRY_UNTRUSTED,
 * REGISTRY_UNAVAILABLE, RESULT_UNVERIFIED or CANCELLED.
 */
export class RegistryClient {
  readonly host: string;
  readonly #connection: RegistryConnection;

  /** Connects to nothing yet. Throws INVALID_CONFIG for a CA that is not PEM. */
  constructor(options: RegistryClientOptions) {
    this.#connection = new RegistryConnection(options);
    this.host = options.host;
  }

  /** Closes the kept connections; they never keep a process alive. */
  close(): void {
    this.#connection.close();
  }

  /** "Determining Support": resolves when the registry answers and accepts our credential. */
  async ping(): Promise<void> {
    const url = new URL("/v2/", this.#connection.base);
    await this.#connection.request({ method: "GET", url, action: "log in", scopes: [], expect: [200] });
  }

  /** Digest of the manifest that a tag or digest names; undefined when there is none. */
  async headManifest(repository: string, reference: string): Promise<Digest | undefined> {
    const request = this.#manifestRequest("HEAD", repository, reference, "look up", [200, 404]);
    const { reply } = await this.#connection.request(request);
    if (reply.status === 404) return undefined;
    const digest = reply.headers["docker-content-digest"];
    // The header is optional in the specification, and then only the bytes can tell.
    if (digest === undefined) return (await this.getManifest(repository, reference))?.digest;
    if (!isDigest(digest))
      throw unverified(this.host, repository, `the digest "${String(digest).slice(0, 80)}" is not sha256`);
    return digest;
  }

  /** "Pulling manifests"; undefined when there is none. */
  async getManifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    const request = this.#manifestRequest("GET", repository, reference, "read", [200, 404]);
    const { reply, body } = await this.#connection.request(request, MAX_MANIFEST_BYTES);
    if (reply.status === 404) return undefined;
    const digest = sha256Digest(body);
    const claimed = reply.headers["docker-content-digest"];
    if (claimed !== undefined) this.#assertSame(repository, digest, String(claimed));
    if (isDigest(reference)) this.#assertSame(repository, reference, digest);
    return { digest, mediaType: (reply.headers["content-type"] ?? "").split(";", 1)[0] ?? "", bytes: body };
  }

  /** "Pushing Manifests"; resolves with the digest of the bytes. */
  async putManifest(
    repository: string,
    reference: string,
    bytes: Buffer,
    mediaType: string,
  ): Promise<Digest> {
    const digest = sha256Digest(bytes);
    const { reply } = await this.#connection.request({
      ...this.#manifestRequest("PUT", repository, reference, "push", [200, 201, 202], "pull,push"),
      headers: { "content-type": mediaType },
      body: { length: bytes.length, open: () => [bytes] },
    });
    const claimed = reply.headers["docker-content-digest"];
    if (claimed !== undefined) this.#assertSame(repository, digest, String(claimed));
    return digest;
  }

  /** "Deleting Manifests" and tags. False when there was none. */
  async deleteManifest(repository: string, reference: string): Promise<boolean> {
    const request = this.#manifestRequest(
      "DELETE",
      repository,
      reference,
      "delete",
      [200, 202, 404],
      "delete",
    );
    return (await this.#connection.request(request)).reply.status !== 404;
  }

  /** "Checking if content exists". */
  async hasBlob(repository: string, digest: Digest): Promise<boolean> {
    const request = this.#blobRequest("HEAD", repository, digest, "look for", [200, 404], "pull");
    return (await this.#connection.request(request)).reply.status === 200;
  }

  /** "Pulling blobs": the verified bytes, resumed after a cut. Rejects at the end when they do not hash to `digest`. */
  readBlob(repository: string, digest: Digest): AsyncGenerator<Buffer, void> {
    const request = this.#blobRequest("GET", repository, digest, "read", [200, 206], "pull");
    return downloadBlob(this.#connection, request, digest);
  }

  /** A whole blob in memory, of at most `limit` bytes. */
  async getBlob(repository: string, digest: Digest, limit: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.readBlob(repository, digest)) {
      length += chunk.length;
      if (length > limit) throw unverified(this.host, repository, `${digest} is larger than ${limit} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** "Pushing blobs", with resume; or mounts the blob from another repository of the same registry. */
  async uploadBlob(
    repository: string,
    source: BlobSource,
    options: UploadOptions = {},
  ): Promise<"uploaded" | "mounted" | "present"> {
    return new BlobUpload(this.#connection, repository, source, options).run();
  }

  /** "Deleting Blobs". False when there was none. */
  async deleteBlob(repository: string, digest: Digest): Promise<boolean> {
    const request = this.#blobRequest("DELETE", repository, digest, "delete", [200, 202, 404], "delete");
    return (await this.#connection.request(request)).reply.status !== 404;
  }

  /** "Listing Tags", page by page. Empty for a repository that does not exist. */
  async listTags(repository: string, pageSize = 1000): Promise<string[]> {
    const tags: string[] = [];
    let url: URL | undefined = this.#url(repository, `tags/list?n=${pageSize}`);
    for (let page = 0; url !== undefined && page < 1000; page++) {
      const { reply, body } = await this.#connection.request(
        {
          method: "GET",
          url,
          repository,
          action: "list tags",
          scopes: [scope(repository, "pull")],
          expect: [200, 404],
        },
        MAX_MANIFEST_BYTES,
      );
      if (reply.status === 404) return tags;
      tags.push(...this.#tagsOf(repository, body));
      const next = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(reply.headers["link"] ?? ""))?.[1];
      url = next === undefined ? undefined : this.#nextPage(next);
    }
    return tags;
  }

  #tagsOf(repository: string, body: Buffer): string[] {
    try {
      const { tags } = JSON.parse(body.toString("utf8")) as { tags?: unknown };
      return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
    } catch (error) {
      throw unverified(this.host, repository, "the list of tags is not JSON", error);
    }
  }

  /** Only the query of a Link is used: it must lead back to this registry. */
  #nextPage(link: string): URL | undefined {
    const url = new URL(link, this.#connection.base);
    return url.origin === this.#connection.base.origin ? url : undefined;
  }

  #manifestRequest(
    method: RegistryRequest["method"],
    repository: string,
    reference: string,
    verb: string,
    expect: number[],
    actions = "pull",
  ): RegistryRequest {
    const url = this.#url(repository, `manifests/${reference}`);
    const headers = method === "GET" || method === "HEAD" ? { accept: ACCEPT } : {};
    return {
      method,
      url,
      repository,
      action: `${verb} the manifest ${reference}`,
      scopes: [scope(repository, actions)],
      headers,
      expect,
    };
  }

  #blobRequest(
    method: RegistryRequest["method"],
    repository: string,
    digest: Digest,
    verb: string,
    expect: number[],
    actions: string,
  ): RegistryRequest {
    const url = this.#url(repository, `blobs/${digest}`);
    return {
      method,
      url,
      repository,
      action: `${verb} the blob ${digest}`,
      scopes: [scope(repository, actions)],
      expect,
    };
  }

  #url(repository: string, rest: string): URL {
    return new URL(`/v2/${repository}/${rest}`, this.#connection.base);
  }

  #assertSame(repository: string, expected: Digest, actual: string): void {
    if (actual === expected) return;
    throw unverified(this.host, repository, `expected ${expected}, the registry has ${actual.slice(0, 80)}`);
  }
}

export function scope(repository: string, actions: string): Scope {
  return `repository:${repository}:${actions}`;
}

function unverified(host: string, repository: string, problem: string, cause?: unknown): BuildError {
  return new BuildError("RESULT_UNVERIFIED", `${host}/${repository}: ${problem}`, {
    remedy: "Look for a proxy that changes answers, and for damage in the registry's storage",
    cause,
  });
}
