import http from "node:http";
import https from "node:https";
import { type Clock, cancellation } from "@slipway/core";
import type { Connection } from "./connection.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Path and query below the server's base. */
  readonly path: string;
  readonly body?: string;
}

/** What bounds one try of one request. */
export interface AttemptScope {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The server took too long; the connection is presumed dead. */
export class RequestTimeout extends Error {
  readonly code = "ETIMEDOUT";
  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds / 1000} s`);
  }
}

interface OpenResponse {
  readonly response: http.IncomingMessage;
  /** Ends the time limit of the answer's first part; a log may then stay silent for hours. */
  disarm(): void;
  /** Lets go of timer and signal. */
  release(): void;
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** The address as people know it, for messages: `host:port`. */
export function hostOf(server: URL): string {
  return `${server.hostname}:${server.port || (server.protocol === "http:" ? "80" : "443")}`;
}

/** Joins a path of the API to the server's base, which may have a path of its own. */
export function apiUrl(server: URL, path: string): URL {
  return new URL(`${server.pathname.replace(/\/$/, "")}${path}`, server);
}

/** One request and its whole answer, of any status. Rejects with what the network said, a RequestTimeout, or the cancellation. */
export async function sendOnce(
  connection: Connection,
  request: ApiRequest,
  scope: AttemptScope,
): Promise<ApiAnswer> {
  const open = await openResponse(connection, request, scope);
  try {
    const body = await readAll(open.response);
    return { status: open.response.statusCode ?? 0, headers: open.response.headers, body };
  } finally {
    open.release();
  }
}

/** One request whose answer goes on for as long as the server likes. Another status than 200 comes back as an answer. */
export async function openStream(
  connection: Connection,
  request: ApiRequest,
  scope: AttemptScope,
): Promise<ApiAnswer | AsyncIterable<Buffer>> {
  const open = await openResponse(connection, request, scope);
  if (open.response.statusCode !== 200) {
    const body = await readAll(open.response).finally(open.release);
    return { status: open.response.statusCode ?? 0, headers: open.response.headers, body };
  }
  open.disarm();
  return streamOf(open);
}

async function* streamOf(open: OpenResponse): AsyncGenerator<Buffer, void> {
  try {
    yield* open.response as AsyncIterable<Buffer>;
  } finally {
    open.release();
    open.response.destroy();
  }
}

function openResponse(
  connection: Connection,
  request: ApiRequest,
  scope: AttemptScope,
): Promise<OpenResponse> {
  return new Promise((resolve, reject) => {
    const { signal } = scope;
    if (signal?.aborted === true) return reject(cancellation(signal));
    const outgoing = startRequest(connection, request);
    // Destroying the request does not tell the reader of a response that has begun, so the target moves on.
    let target: { destroy(error: Error): unknown } = outgoing;
    const disarm = scope.clock.after(scope.timeoutMs, () =>
      target.destroy(new RequestTimeout(scope.timeoutMs)),
    );
    const onAbort = () => target.destroy(cancellation(signal));
    signal?.addEventListener("abort", onAbort, { once: true });
    const release = () => {
      disarm();
      signal?.removeEventListener("abort", onAbort);
    };
    outgoing.on("error", (error) => {
      release();
      reject(error);
    });
    outgoing.once("response", (response) => {
      target = response;
      // The reader may come later than the error does; an iterator still sees it.
      response.on("error", () => undefined);
      resolve({ response, disarm, release });
    });
    outgoing.end(request.body);
  });
}

function startRequest(connection: Connection, request: ApiRequest): http.ClientRequest {
  const url = apiUrl(connection.server, request.path);
  const length = request.body === undefined ? {} : { "content-length": Buffer.byteLength(request.body) };
  const type = request.body === undefined ? {} : { "content-type": "application/json" };
  const headers = { accept: "application/json, */*", ...type, ...length, ...connection.headers };
  const auth = connection.auth === undefined ? {} : { auth: connection.auth };
  const options = { method: request.method, agent: connection.agent, headers, ...auth };
  return url.protocol === "http:" ? http.request(url, options) : https.request(url, options);
}

async function readAll(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
