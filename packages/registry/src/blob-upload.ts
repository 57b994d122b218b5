import { createHash, type Hash } from "node:crypto";
import { BuildError } from "@slipway/core";
import type { Scope } from "./authorizer.ts";
import type { BlobSource, UploadOptions } from "./blob-source.ts";
import { locationFrom, type Reply } from "./redirects.ts";
import type { RegistryConnection, RegistryRequest } from "./registry-connection.ts";
import { TransientFailure } from "./retry.ts";
import { offsetAfter } from "./upload-range.ts";

interface Session {
  url: URL;
  /** Bytes that the registry has. */
  offset: number;
}

const CHUNK_BYTES = 64 * 1024 * 1024;
const LEAST_CHUNK_BYTES = 1024 * 1024;

/** One blob's way into a repository (distribution spec 1.1, "Pushing blobs"): cut at any point, it goes on from there. */
export class BlobUpload {
  readonly #connection: RegistryConnection;
  readonly #repository: string;
  readonly #source: BlobSource;
  readonly #options: UploadOptions;
  #chunkBytes: number;
  #session: Session | undefined;
  #hash: { readonly hash: Hash; at: number } = { hash: createHash("sha256"), at: 0 };
  #resumed = false;
  #furthest = 0;
  #outcome: "uploaded" | "mounted" | "present" = "uploaded";

  constructor(
    connection: RegistryConnection,
    repository: string,
    source: BlobSource,
    options: UploadOptions,
  ) {
    this.#connection = connection;
    this.#repository = repository;
    this.#source = source;
    this.#options = options;
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
  }

  async run(): Promise<"uploaded" | "mounted" | "present"> {
    let failed = false;
    await this.#connection.retrying(async (progressed) => {
      // The answer to the last PUT may be what was lost.
      if (failed && (await this.#exists())) return;
      const again = failed;
      failed = true;
      await this.#attempt(again, progressed);
    });
    this.#options.onProgress?.(this.#source.size);
    return this.#outcome;
  }

  async #attempt(again: boolean, progressed: () => void): Promise<void> {
    if (again && this.#session !== undefined) this.#session = await this.#resume(this.#session);
    // Some registries forget what a cut request held, and some proxies cut large ones: smaller steps lose less.
    if (again && this.#session === undefined) this.#chunkBytes = smaller(this.#chunkBytes);
    this.#session ??= await this.#start();
    if (this.#session === undefined) return;
    const session = this.#session;
    this.#reached(session, progressed);
    while (this.#source.size > this.#chunkBytes && session.offset < this.#source.size) {
      await this.#patch(session);
      this.#reached(session, progressed);
    }
    await this.#finish(session);
  }

  /** Only going further than ever before is progress: a registry may forget, and that must not go on for ever. */
  #reached({ offset }: Session, progressed: () => void): void {
    if (offset > this.#furthest) progressed();
    this.#furthest = Math.max(offset, this.#furthest);
    this.#options.onProgress?.(offset);
  }

  async #exists(): Promise<boolean> {
    const url = new URL(`/v2/${this.#repository}/blobs/${this.#source.digest}`, this.#connection.base);
    const reply = await this.#call({ method: "HEAD", url, expect: [200, 404] });
    return reply.status === 200;
  }

  /** Opens a session; undefined when the registry mounted the blob instead. */
  async #start(): Promise<Session | undefined> {
    const url = new URL(`/v2/${this.#repository}/blobs/uploads/`, this.#connection.base);
    const { mountFrom } = this.#options;
    if (mountFrom !== undefined) {
      url.searchParams.set("mount", this.#source.digest);
      url.searchParams.set("from", mountFrom);
    }
    const headers = { "content-length": "0" };
    const reply = await this.#call({ method: "POST", url, headers, expect: [201, 202] });
    if (reply.status === 201) {
      this.#outcome = "mounted";
      return undefined;
    }
    const least = Number(reply.headers["oci-chunk-min-length"] ?? 0);
    if (least > this.#chunkBytes) this.#chunkBytes = least;
    return { url: this.#location(reply, url), offset: 0 };
  }

  /** Asks how far an upload came ("Pushing a blob in chunks", GET of the location); undefined: begin anew. */
  async #resume(session: Session): Promise<Session | undefined> {
    const reply = await this.#call({
      method: "GET",
      url: session.url,
      expect: [200, 202, 204, 400, 404, 405, 416],
    });
    const offset = offsetAfter(reply.headers["range"]);
    if (reply.status >= 400 || offset === undefined || offset > this.#source.size) return undefined;
    this.#resumed = true;
    const { location } = reply.headers;
    return { url: location === undefined ? session.url : this.#location(reply, session.url), offset };
  }

  async #patch(session: Session): Promise<void> {
    const start = session.offset;
    const end = Math.min(start + this.#chunkBytes, this.#source.size);
    const headers = { "content-type": "application/octet-stream", "content-range": `${start}-${end - 1}` };
    const body = { length: end - start, open: () => this.#bytes(start, end) };
    const reply = await this.#call({
      method: "PATCH",
      url: session.url,
      headers,
      body,
      expect: this.#answers(201, 202, 204),
    });
    this.#assertAlive(reply);
    session.url = this.#location(reply, session.url);
    // A registry may have kept less than it was sent: it then says so in Range.
    session.offset = Math.min(end, offsetAfter(reply.headers["range"]) ?? end);
    if (session.offset <= start) throw this.#lost(reply, "the registry kept nothing of what it was sent");
  }

  async #finish(session: Session): Promise<void> {
    const { digest, size } = this.#source;
    const start = session.offset;
    const url = new URL(session.url);
    url.searchParams.set("digest", digest);
    const body = { length: size - start, open: () => this.#bytes(start, size) };
    const range = start > 0 && start < size ? { "content-range": `${start}-${size - 1}` } : {};
    const headers = { "content-type": "application/octet-stream", ...range };
    if (start === size) await this.#verify();
    const reply = await this.#call({
      method: "PUT",
      url,
      headers,
      body,
      expect: this.#answers(200, 201, 204),
    });
    this.#assertAlive(reply);
  }

  /** What is sent is hashed as well: the registry's word is not the only one. */
  async *#bytes(start: number, end: number): AsyncGenerator<Uint8Array, void> {
    await this.#hashUpTo(start);
    let sent = start;
    for await (const chunk of this.#source.open(start, end)) {
      sent += chunk.length;
      this.#hash.hash.update(chunk);
      this.#hash.at = sent;
      // The last chunk goes only when all of it is right, so that a wrong blob is never complete.
      if (sent === this.#source.size) await this.#verify();
      yield chunk;
    }
    if (sent !== end) throw this.#changed();
  }

  async #hashUpTo(position: number): Promise<void> {
    if (this.#hash.at === position) return;
    const hash = createHash("sha256");
    for await (const chunk of this.#source.open(0, position)) hash.update(chunk);
    this.#hash = { hash, at: position };
  }

  async #verify(): Promise<void> {
    await this.#hashUpTo(this.#source.size);
    if (`sha256:${this.#hash.hash.copy().digest("hex")}` !== this.#source.digest) throw this.#changed();
  }

  #changed(): BuildError {
    return new BuildError(
      "RESULT_UNVERIFIED",
      `the blob ${this.#source.digest} changed between check and upload`,
      {
        remedy: "Build again; something writes to the build's output while it is pushed",
      },
    );
  }

  /** 404 and 416 mean that the session is gone; 400 after a resume, that it was damaged. Both: begin anew. */
  #answers(...good: number[]): number[] {
    return [...good, 404, 416, ...(this.#resumed ? [400] : [])];
  }

  #assertAlive(reply: Reply): void {
    if (reply.status < 400) return;
    this.#session = undefined;
    this.#resumed = false;
    throw this.#lost(reply, `the registry gave the upload up, status ${reply.status}`);
  }

  #lost(reply: Reply, problem: string): TransientFailure {
    const { host } = this.#connection;
    const error = new BuildError(
      "REGISTRY_UNAVAILABLE",
      `${host}/${this.#repository}: cannot push the blob ${this.#source.digest}: ${problem}`,
      {
        remedy:
          "Look into the registry's log; behind a load balancer all its replicas must share storage and the HTTP secret",
        details: { host, status: reply.status },
      },
    );
    return new TransientFailure(error);
  }

  #location(reply: Reply, base: URL): URL {
    return locationFrom(reply.headers.location, base, this.#connection.trust);
  }

  async #call(
    request: Pick<RegistryRequest, "method" | "url" | "expect" | "headers" | "body">,
  ): Promise<Reply> {
    const reply = await this.#connection.attempt({
      ...request,
      repository: this.#repository,
      action: `push the blob ${this.#source.digest}`,
      scopes: this.#scopes(),
    });
    reply.stream.resume();
    return reply;
  }

  #scopes(): Scope[] {
    const { mountFrom } = this.#options;
    const own: Scope = `repository:${this.#repository}:pull,push`;
    return mountFrom === undefined ? [own] : [own, `repository:${mountFrom}:pull`];
  }
}

function smaller(chunkBytes: number): number {
  return Math.max(Math.floor(chunkBytes / 2), Math.min(chunkBytes, LEAST_CHUNK_BYTES));
}
