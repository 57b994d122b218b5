import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { RegistryTrust } from "@slipway/core";
import { secureContextFor } from "./secure-context.ts";

/** A body that can be sent again from its beginning. */
export interface RequestBody {
  /** Bytes. */
  readonly length: number;
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestBody | undefined;
  /** The body is a credential: no redirect takes it to another host. */
  readonly secretBody?: boolean;
}

/** A source of bytes failed, not the network: never to be repeated. */
export class BodyFailure extends Error {}

/** One HTTP exchange at a time over kept connections: no redirects, no retries, no credentials of its own. */
export class HttpTransport {
  readonly #plain = new HttpAgent({ keepAlive: true });
  readonly #secure: HttpsAgent;
  readonly #idleMs: number;
  readonly #signal: AbortSignal | undefined;

  /** `idleMs`: how long a connection may move no byte. Throws INVALID_CONFIG for a CA that is not PEM. */
  constructor(trust: RegistryTrust, idleMs: number, signal: AbortSignal | undefined) {
    this.#secure = new HttpsAgent({ keepAlive: true, secureContext: secureContextFor(trust.ca) });
    this.#idleMs = idleMs;
    this.#signal = signal;
  }

  /** Resolves with the head of the answer; its body must be read or destroyed. Rejects with the socket's error. */
  send(request: HttpRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#open(request);
      let answer: IncomingMessage | undefined;
      outgoing.on("response", (response) => {
        answer = response;
        // Without a listener, a cut after the head was handed over would end the process.
        response.on("error", () => {});
        // An answer to half a request (413, say): the socket must not be kept for another one.
        response.on("end", () => outgoing.writableEnded || outgoing.destroy());
        resolve(response);
      });
      outgoing.on("error", reject);
      outgoing.setTimeout(this.#idleMs, () => {
        const code = outgoing.socket?.connecting ? "SLIPWAY_NO_CONNECTION" : "SLIPWAY_STALLED";
        const stalled = Object.assign(new Error("no byte moved in time"), { code });
        answer?.destroy(stalled);
        outgoing.destroy(stalled);
      });
      writeBody(outgoing, request.body, () => answer !== undefined).catch((error: unknown) => {
        const failure = new BodyFailure("cannot read what is to be sent", { cause: error });
        outgoing.destroy(failure);
        reject(failure);
      });
    });
  }

  /** Closes the kept connections. */
  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #open({ method, url, headers, body }: HttpRequest): ClientRequest {
    const length = body === undefined ? {} : { "content-length": String(body.length) };
    const options = {
      method,
      headers: { ...headers, ...length, "user-agent": "slipway" },
      ...(this.#signal !== undefined && { signal: this.#signal }),
    };
    return url.protocol === "https:"
      ? httpsRequest(url, { ...options, agent: this.#secure })
      : httpRequest(url, { ...options, agent: this.#plain });
  }
}

async function writeBody(
  outgoing: ClientRequest,
  body: RequestBody | undefined,
  answered: () => boolean,
): Promise<void> {
  if (body !== undefined) {
    for await (const chunk of body.open()) {
      if (outgoing.destroyed || answered()) return;
      if (!outgoing.write(chunk) && !outgoing.destroyed) await room(outgoing);
    }
  }
  if (!outgoing.destroyed) outgoing.end();
}

/** Waits until more can be written, or need not be. */
function room(outgoing: ClientRequest): Promise<void> {
  const events = ["drain", "close", "error", "response"] as const;
  return new Promise((resolve) => {
    const done = () => {
      for (const event of events) outgoing.off(event, done);
      resolve();
    };
    for (const event of events) outgoing.on(event, done);
  });
}

/** Reads a whole body into memory. Rejects when it is longer than `limit` bytes, or cut. */
export async function readBody(response: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw new RangeError(`the answer is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  if (!response.complete) throw Object.assign(new Error("the answer was cut"), { code: "ECONNRESET" });
  return Buffer.concat(chunks, length);
}
