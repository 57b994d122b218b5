import {
  BuildError,
  type Clock,
  cancellation,
  isBuildError,
  type RegistryTrust,
  systemClock,
} from "@slipway/core";
import { Authorizer, type Scope } from "./authorizer.ts";
import {
  BodyFailure,
  type HttpRequest,
  HttpTransport,
  type RequestBody,
  readBody,
} from "./http-transport.ts";
import { anonymous, type Keychain } from "./keychain.ts";
import { type Reply, sendFollowing, speaksPlainHttp } from "./redirects.ts";
import { type Attempted, errorForStatus, networkError, untrustedError } from "./registry-errors.ts";
import { type RetryPolicy, retryAfterMs, retrying, TransientFailure } from "./retry.ts";

export interface RegistryClientOptions {
  /** `host[:port]` as in a reference; `docker.io` is Docker Hub. */
  readonly host: string;
  readonly trust: RegistryTrust;
  readonly keychain?: Keychain;
  readonly signal?: AbortSignal | undefined;
  /** How long a connection may move no byte, in milliseconds; 60 s. */
  readonly idleTimeoutMs?: number;
  /** How long failures are retried without progress, in milliseconds; two minutes. */
  readonly retryBudgetMs?: number;
  /** Attempts without progress; 8. */
  readonly maxAttempts?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** One request to the registry, with all that is needed to repeat it and to report on it. */
export interface RegistryRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "PATCH" | "DELETE";
  readonly url: URL;
  /** For messages: completes "cannot …". */
  readonly action: string;
  readonly repository?: string;
  readonly scopes: readonly Scope[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Statuses that are answers; every other one is an error. */
  readonly expect: readonly number[];
}

const LONGEST_ERROR = 64 * 1024;

/** Authentication, redirects, retries and errors for one registry; what the requests mean is its callers' business. */
export class RegistryConnection {
  readonly host: string;
  readonly base: URL;
  readonly trust: RegistryTrust;
  readonly signal: AbortSignal | undefined;
  readonly #transport: HttpTransport;
  readonly #authorizer: Authorizer;
  readonly #policy: RetryPolicy;
  #greeting: Promise<void> | undefined;

  constructor(options: RegistryClientOptions) {
    const {
      host,
      trust,
      signal,
      keychain = anonymous,
      clock = systemClock,
      idleTimeoutMs = 60_000,
    } = options;
    this.host = host;
    this.trust = trust;
    this.signal = signal;
    // Docker Hub's API is not at the name that references carry.
    const server = host === "docker.io" ? "registry-1.docker.io" : host;
    this.base = new URL(`${speaksPlainHttp(host, trust) ? "http" : "https"}://${server}`);
    this.#transport = new HttpTransport(trust, idleTimeoutMs, signal);
    this.#authorizer = new Authorizer(keychain.resolve(host), (request) => this.#fetchToken(request), clock);
    const { retryBudgetMs = 120_000, maxAttempts = 8, random = Math.random } = options;
    this.#policy = { clock, random, budgetMs: retryBudgetMs, maxAttempts };
  }

  /** Closes the kept connections. */
  close(): void {
    this.#transport.close();
  }

  /** Repeats `work` while it fails with what may pass. */
  retrying<T>(work: (progressed: () => void) => Promise<T>): Promise<T> {
    return retrying(this.#policy, this.signal, work);
  }

  /** Sends the request until it is answered, and reads the answer into memory. */
  request(request: RegistryRequest, limit = LONGEST_ERROR): Promise<{ reply: Reply; body: Buffer }> {
    return this.retrying(async () => {
      const reply = await this.attempt(request);
      return { reply, body: await this.read(request, reply, limit) };
    });
  }

  /** Sends the request once. Rejects with a BuildError, or a TransientFailure for `retrying`. */
  async attempt(request: RegistryRequest): Promise<Reply> {
    const attempted = this.#attempted(request);
    await this.#greet(attempted);
    const reply = await this.#authorized(request, attempted);
    if (request.expect.includes(reply.status)) return reply;
    throw await this.#failure(attempted, reply);
  }

  /** Reads an answer into memory; a cut is a TransientFailure. */
  async read(request: RegistryRequest, reply: Reply, limit: number): Promise<Buffer> {
    return this.#guarded(this.#attempted(request), () => readBody(reply.stream, limit));
  }

  /** The BuildError for what went wrong while an answer was read. */
  failureOf(request: RegistryRequest, error: unknown): Error {
    const failure = this.#classify(this.#attempted(request), error);
    return failure instanceof TransientFailure ? failure.error : failure;
  }

  #attempted({ action, repository }: RegistryRequest): Attempted {
    return { host: this.host, action, repository, account: this.#authorizer.account };
  }

  async #authorized(request: RegistryRequest, attempted: Attempted): Promise<Reply> {
    // An upload may be led to another host, which must not see what is meant for this one.
    const own = request.url.origin === this.base.origin;
    const header = own ? await this.#header(request, attempted) : undefined;
    const reply = await this.#send(request, attempted, header);
    // Nor is a 401 of another host, after a redirect, for our credentials.
    if (reply.status !== 401 || reply.url.origin !== this.base.origin) return reply;
    this.#authorizer.forget();
    if (!this.#authorizer.learn(reply.headers["www-authenticate"])) return reply;
    const renewed = await this.#header(request, attempted);
    if (renewed === undefined || (renewed === header && renewed.startsWith("Basic "))) return reply;
    reply.stream.resume();
    return this.#send(request, attempted, renewed);
  }

  #header({ scopes }: RegistryRequest, attempted: Attempted): Promise<string | undefined> {
    return this.#guarded(attempted, () => this.#authorizer.header(scopes));
  }

  #send(request: RegistryRequest, attempted: Attempted, authorization: string | undefined): Promise<Reply> {
    const { method, url, body } = request;
    const headers = { ...request.headers, ...(authorization !== undefined && { authorization }) };
    return this.#guarded(attempted, () =>
      sendFollowing(this.#transport, { method, url, headers, body }, this.trust),
    );
  }

  /** Asks `GET /v2/` once how to authenticate (distribution spec 1.1, "Determining Support"), so that no body is sent in vain. */
  async #greet(attempted: Attempted): Promise<void> {
    this.#greeting ??= this.#askForChallenge(attempted);
    try {
      await this.#greeting;
    } catch (error) {
      this.#greeting = undefined;
      throw error;
    }
  }

  async #askForChallenge(attempted: Attempted): Promise<void> {
    const request = { method: "GET", url: new URL("/v2/", this.base), headers: {} };
    const reply = await this.#guarded(attempted, () => sendFollowing(this.#transport, request, this.trust));
    if (reply.status === 429 || reply.status >= 500) throw await this.#failure(attempted, reply);
    if (reply.status === 401 && reply.url.origin === this.base.origin)
      this.#authorizer.learn(reply.headers["www-authenticate"]);
    reply.stream.resume();
  }

  async #fetchToken(request: HttpRequest): Promise<Buffer> {
    const attempted = { host: this.host, action: "get a token", account: this.#authorizer.account };
    return this.#guarded(attempted, async () => {
      const reply = await sendFollowing(this.#transport, request, this.trust);
      if (reply.status !== 200) throw await this.#failure(attempted, reply);
      return readBody(reply.stream, LONGEST_ERROR);
    });
  }

  async #failure(attempted: Attempted, reply: Reply): Promise<Error> {
    const { status, headers, stream } = reply;
    const body = await readBody(stream, LONGEST_ERROR).catch(() => Buffer.alloc(0));
    stream.destroy();
    const error = errorForStatus(attempted, status, body);
    const passes = status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
    if (!passes) return error;
    return new TransientFailure(error, {
      retryAfterMs: retryAfterMs(headers["retry-after"], this.#policy.clock.now()),
    });
  }

  async #guarded<T>(attempted: Attempted, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#classify(attempted, error);
    }
  }

  #classify(attempted: Attempted, error: unknown): Error {
    if (isBuildError(error) || error instanceof TransientFailure) return error;
    if (this.signal?.aborted) return cancellation(this.signal);
    if (error instanceof BodyFailure && isBuildError(error.cause)) return error.cause;
    if (error instanceof BodyFailure || error instanceof RangeError) return unreadable(attempted, error);
    const failure = error as NodeJS.ErrnoException;
    const untrusted = untrustedError(this.host, failure);
    if (untrusted !== undefined) return untrusted;
    // A name that does not exist seldom appears within minutes; a cluster's DNS that starts does.
    const few = failure.code === "ENOTFOUND" ? { maxAttempts: 3 } : {};
    return new TransientFailure(networkError(attempted, failure), few);
  }
}

function unreadable({ host, action }: Attempted, error: Error): BuildError {
  const body = error instanceof BodyFailure;
  return new BuildError(
    body ? "RESULT_UNVERIFIED" : "REGISTRY_DENIED",
    `${host}: cannot ${action}: ${error.message}`,
    {
      remedy: body
        ? "Build again; the image's files cannot be read"
        : "Check that the host is a registry, and look into its log",
      cause: error,
    },
  );
}
