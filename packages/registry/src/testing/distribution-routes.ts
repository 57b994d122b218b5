import type { IncomingMessage } from "node:http";
import type { Digest } from "@slipway/core";
import { digestOf, type RegistryStore } from "./registry-store.ts";

/** An answer before it is written. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface RouteOptions {
  /** Tags that exist cannot be moved. */
  readonly immutableTags: boolean;
  /** Says `Range: 0-0` of an empty upload and forgets uploads on a GET, as some registries do. */
  readonly resumable: boolean;
}

/** The distribution API (OCI distribution spec 1.1) over a store; authentication and faults come before it. */
export class DistributionRoutes {
  readonly #store: RegistryStore;
  readonly #options: RouteOptions;

  constructor(store: RegistryStore, options: RouteOptions) {
    this.#store = store;
    this.#options = options;
  }

  answer(request: IncomingMessage, url: URL, body: Buffer): Answer {
    const method = request.method ?? "GET";
    const match = /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs|tags)\/(.*)$/.exec(url.pathname);
    if (url.pathname === "/v2/") return { status: 200, body: Buffer.from("{}") };
    if (match === null) return failure(404, "NOT_FOUND", "no such route");
    const [, name = "", kind, last = ""] = match;
    if (kind === "manifests")
      return this.#manifest(method, name, last, request.headers["content-type"] ?? "", body);
    if (kind === "blobs") return this.#blob(method, name, last, request.headers["range"]);
    if (kind === "tags") return this.#tags(name, url);
    return last === "" ? this.#startUpload(name, url) : this.#upload(method, name, last, request, url, body);
  }

  #manifest(method: string, name: string, reference: string, mediaType: string, body: Buffer): Answer {
    if (method === "PUT") return this.#putManifest(name, reference, mediaType, body);
    const stored = this.#store.manifest(name, reference);
    if (stored === undefined) return failure(404, "MANIFEST_UNKNOWN", "manifest unknown");
    if (method === "DELETE") {
      const repository = this.#store.repository(name);
      if (!repository.tags.delete(reference)) repository.manifests.delete(stored.digest);
      return { status: 202 };
    }
    const headers = { "content-type": stored.mediaType, "docker-content-digest": stored.digest };
    return { status: 200, headers, body: stored.bytes };
  }

  #putManifest(name: string, reference: string, mediaType: string, bytes: Buffer): Answer {
    const repository = this.#store.repository(name);
    const digest = digestOf(bytes);
    const { config, layers = [] } = JSON.parse(bytes.toString()) as { config?: Blob; layers?: Blob[] };
    const missing = [...(config === undefined ? [] : [config]), ...layers].find(
      (blob) => !repository.blobs.has(blob.digest),
    );
    if (missing !== undefined) return failure(404, "MANIFEST_BLOB_UNKNOWN", missing.digest);
    if (this.#options.immutableTags && repository.tags.has(reference))
      return failure(409, "TAG_INVALID", "the tag is immutable");
    repository.manifests.set(digest, { bytes, mediaType });
    if (!reference.startsWith("sha256:")) repository.tags.set(reference, digest);
    return {
      status: 201,
      headers: { "docker-content-digest": digest, location: `/v2/${name}/manifests/${digest}` },
    };
  }

  #blob(method: string, name: string, digest: string, range: string | undefined): Answer {
    const blobs = this.#store.repositories.get(name)?.blobs;
    const bytes = blobs?.get(digest);
    if (bytes === undefined) return failure(404, "BLOB_UNKNOWN", "blob unknown");
    if (method === "DELETE") {
      blobs?.delete(digest);
      return { status: 202 };
    }
    const headers = { "docker-content-digest": digest, "content-type": "application/octet-stream" };
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    return { status: start > 0 ? 206 : 200, headers, body: bytes.subarray(start) };
  }

  #tags(name: string, url: URL): Answer {
    const repository = this.#store.repositories.get(name);
    if (repository === undefined) return failure(404, "NAME_UNKNOWN", "repository name not known");
    const all = [...repository.tags.keys()].sort();
    const count = Number(url.searchParams.get("n") ?? all.length);
    const page = all.filter((tag) => tag > (url.searchParams.get("last") ?? "")).slice(0, count);
    const more = page.length === count && page.at(-1) !== all.at(-1);
    const headers = more
      ? { link: `</v2/${name}/tags/list?n=${count}&last=${page.at(-1)}>; rel="next"` }
      : {};
    return { status: 200, headers, body: Buffer.from(JSON.stringify({ name, tags: page })) };
  }

  #startUpload(name: string, url: URL): Answer {
    const mount = url.searchParams.get("mount");
    const from = url.searchParams.get("from");
    const bytes = this.#store.repositories.get(from ?? "")?.blobs.get(mount ?? "");
    if (bytes !== undefined && mount !== null) {
      this.#store.repository(name).blobs.set(mount, bytes);
      return { status: 201, headers: { location: `/v2/${name}/blobs/${mount}` } };
    }
    return progress(202, name, this.#store.startUpload(name), 0);
  }

  #upload(
    method: string,
    name: string,
    id: string,
    request: IncomingMessage,
    url: URL,
    body: Buffer,
  ): Answer {
    const session = this.#store.uploads.get(id);
    if (session === undefined || session.repository !== name)
      return failure(404, "BLOB_UPLOAD_UNKNOWN", "upload unknown");
    if (method === "GET" && this.#options.resumable) return progress(204, name, id, session.bytes.length);
    if (method === "GET") {
      this.#store.uploads.delete(id);
      return failure(404, "BLOB_UPLOAD_UNKNOWN", "upload unknown");
    }
    const start = /^(\d+)-\d+$/.exec(request.headers["content-range"] ?? "")?.[1];
    if (start !== undefined && Number(start) !== session.bytes.length)
      return failure(416, "BLOB_UPLOAD_INVALID", "out of order");
    session.bytes = Buffer.concat([session.bytes, body]);
    if (method === "PATCH") return progress(202, name, id, session.bytes.length);
    return this.#finish(name, id, session.bytes, url.searchParams.get("digest") as Digest);
  }

  #finish(name: string, id: string, bytes: Buffer, digest: Digest): Answer {
    this.#store.uploads.delete(id);
    if (digestOf(bytes) !== digest)
      return failure(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    this.#store.repository(name).blobs.set(digest, bytes);
    return {
      status: 201,
      headers: { "docker-content-digest": digest, location: `/v2/${name}/blobs/${digest}` },
    };
  }
}

interface Blob {
  readonly digest: string;
}

function progress(status: number, name: string, id: string, length: number): Answer {
  const headers = {
    location: `/v2/${name}/blobs/uploads/${id}?_state=${length}`,
    range: `0-${Math.max(0, length - 1)}`,
  };
  return { status, headers };
}

/** An error as registries write it (distribution spec 1.1, "Error Codes"). */
export function failure(status: number, code: string, message: string): Answer {
  const body = Buffer.from(JSON.stringify({ errors: [{ code, message }] }));
  return { status, headers: { "content-type": "application/json" }, body };
}
