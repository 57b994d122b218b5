import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { type Answer, DistributionRoutes, failure } from "./distribution-routes.ts";
import { RegistryStore } from "./registry-store.ts";
import { type RegistryAuth, TokenService } from "./token-service.ts";

/** What goes wrong with one request. */
export type Fault =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** The connection is cut before anything was done, or when all was done but the answer. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** Never answered; the connection stays open. */
  | { readonly kind: "stall" }
  /** The first bytes of an upload are kept, then the connection is cut. */
  | { readonly kind: "cut-request"; readonly afterBytes: number }
  | { readonly kind: "cut-response"; readonly afterBytes: number }
  | { readonly kind: "redirect"; readonly status: number; readonly location: string }
  /** The answer carries these headers instead of its own. */
  | { readonly kind: "headers"; readonly headers: Record<string, string> };

/** A request as it was received. */
export interface RequestRecord {
  /** From 0, in the order of arrival. */
  readonly index: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Of the answer; undefined when there was none. */
  status?: number;
}

export interface MemoryRegistryOptions {
  readonly auth?: RegistryAuth;
  /** Speaks HTTPS with this certificate (PEM). */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly faults?: (request: RequestRecord) => Fault | undefined;
  readonly immutableTags?: boolean;
  /** Whether an upload can be asked how far it came; true. */
  readonly resumable?: boolean;
}

/** A registry for tests: the distribution API over a real socket of this machine, in memory, faulty as the test says. */
export class MemoryRegistry {
  readonly store = new RegistryStore();
  readonly requests: RequestRecord[] = [];
  readonly tokens: TokenService;
  /** May be replaced while it runs. */
  faults: (request: RequestRecord) => Fault | undefined;
  readonly #server: Server;
  readonly #routes: DistributionRoutes;
  readonly #scheme: "http" | "https";
  readonly #sockets = new Set<Socket>();
  #port = 0;

  /** Listens on a free port of the loopback interface. */
  static async start(options: MemoryRegistryOptions = {}): Promise<MemoryRegistry> {
    const registry = new MemoryRegistry(options);
    await new Promise<void>((resolve) => registry.#server.listen(0, "127.0.0.1", resolve));
    registry.#port = (registry.#server.address() as AddressInfo).port;
    return registry;
  }

  private constructor({ auth, tls, faults, immutableTags = false, resumable = true }: MemoryRegistryOptions) {
    this.tokens = new TokenService(auth);
    this.faults = faults ?? (() => undefined);
    this.#routes = new DistributionRoutes(this.store, { immutableTags, resumable });
    this.#scheme = tls === undefined ? "http" : "https";
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      void this.#serve(request, response);
    this.#server = tls === undefined ? createServer(handle) : createSecureServer(tls, handle);
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** Stays known after `stop`. */
  get port(): number {
    return this.#port;
  }

  /** `localhost:PORT`, as references name it. */
  get host(): string {
    return `localhost:${this.port}`;
  }

  get origin(): string {
    return `${this.#scheme}://${this.host}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", headers } = request;
    const record: RequestRecord = { index: this.requests.length, method, path, headers };
    this.requests.push(record);
    const fault = this.faults(record);
    // Taken now: a request that ended no longer knows its socket.
    const { socket } = request;
    try {
      await this.#process(request, response, record, fault, socket);
    } catch {
      // The client has gone, or a fault has cut it off.
      socket.destroy();
    }
  }

  async #process(
    request: IncomingMessage,
    response: ServerResponse,
    record: RequestRecord,
    fault: Fault | undefined,
    socket: Socket,
  ): Promise<void> {
    if (fault?.kind === "reset" && fault.when === "before") return reset(socket);
    if (fault?.kind === "stall") return;
    const url = new URL(record.path, this.origin);
    const body = await readUpTo(request, fault?.kind === "cut-request" ? fault.afterBytes : Infinity);
    if (fault?.kind === "cut-request") {
      this.#keep(url, body);
      return reset(socket);
    }
    const answer = scripted(fault) ?? this.#answer(request, url, body);
    if (fault?.kind === "reset") return reset(socket);
    record.status = answer.status;
    write(
      request,
      response,
      fault?.kind === "headers" ? { ...answer, headers: { ...answer.headers, ...fault.headers } } : answer,
      fault,
    );
  }

  #answer(request: IncomingMessage, url: URL, body: Buffer): Answer {
    if (url.pathname === "/token") {
      const { status, body: json } = this.tokens.grant(request, url, body);
      return { status, body: Buffer.from(JSON.stringify(json)) };
    }
    const challenge = this.tokens.refusal(request, scopeOf(request.method ?? "GET", url), this.origin);
    if (challenge === undefined) return this.#routes.answer(request, url, body);
    const refused = failure(401, "UNAUTHORIZED", "authentication required");
    return { ...refused, headers: { ...refused.headers, "www-authenticate": challenge } };
  }

  /** What a cut upload leaves behind. */
  #keep(url: URL, body: Buffer): void {
    const session = this.store.uploads.get(url.pathname.split("/").at(-1) ?? "");
    if (session !== undefined) session.bytes = Buffer.concat([session.bytes, body]);
  }
}

function scripted(fault: Fault | undefined): Answer | undefined {
  if (fault?.kind === "redirect") return { status: fault.status, headers: { location: fault.location } };
  if (fault?.kind !== "status") return undefined;
  return { status: fault.status, headers: fault.headers ?? {}, body: Buffer.from(fault.body ?? "") };
}

function scopeOf(method: string, url: URL): string | undefined {
  const name = /^\/v2\/(.+?)\/(?:manifests|blobs|tags)\//.exec(url.pathname)?.[1];
  if (name === undefined) return undefined;
  const action = method === "GET" || method === "HEAD" ? "pull" : method === "DELETE" ? "delete" : "push";
  // The state of an upload is for those who may push.
  return `repository:${name}:${url.pathname.includes("/blobs/uploads/") ? "push" : action}`;
}

function write(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  fault: Fault | undefined,
): void {
  const body = answer.body ?? Buffer.alloc(0);
  const hasLength = answer.status !== 204;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(hasLength && { "content-length": body.length }),
  });
  if (request.method === "HEAD") response.end();
  else if (fault?.kind === "cut-response")
    response.write(body.subarray(0, fault.afterBytes), () => response.socket?.destroy());
  else response.end(body);
}

async function readUpTo(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const parts: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of parts) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= limit) break;
  }
  const all = Buffer.concat(chunks);
  return all.subarray(0, Math.min(limit, all.length));
}

/** RST, not FIN: as a crashed process or a firewall does. */
function reset(socket: Socket): void {
  socket.resetAndDestroy();
}
