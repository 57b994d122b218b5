import { BuildError, type Clock } from "@slipway/core";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { HttpRequest } from "./http-transport.ts";
import type { Credential } from "./keychain.ts";

/** What a request is about to do, as a token service understands it, such as `repository:a/b:pull,push`. */
export type Scope = `repository:${string}:${string}`;

/** Sends one request to the token service and returns the body of its answer, which was 200. */
export type TokenExchange = (request: HttpRequest) => Promise<Buffer>;

interface Token {
  readonly header: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

// Docker's default where the service names none (distribution docs, "Token Authentication Specification").
const DEFAULT_LIFETIME_S = 60;

/** Finds the Authorization header for one registry: Basic, or Bearer from a token service, or none. */
export class Authorizer {
  readonly #credential: Credential | undefined;
  readonly #exchange: TokenExchange;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, Promise<Token>>();
  #challenge: Challenge | undefined;

  constructor(credential: Credential | undefined, exchange: TokenExchange, clock: Clock) {
    this.#credential = credential;
    this.#exchange = exchange;
    this.#clock = clock;
  }

  /** Who we are, for messages. */
  get account(): string {
    if (this.#credential === undefined) return "anonymous access";
    return this.#credential.username === ""
      ? "the token of the Secret"
      : `the account "${this.#credential.username}"`;
  }

  /** Learns from a 401 what the registry wants. False: nothing that this client can give. */
  learn(header: string | undefined): boolean {
    const challenges = parseChallenges(header);
    const usable = (scheme: string) => challenges.find((challenge) => challenge.scheme === scheme);
    this.#challenge = usable("bearer") ?? usable("basic");
    return this.#challenge !== undefined;
  }

  /** Forgets tokens, because one of them was refused. */
  forget(): void {
    this.#tokens.clear();
  }

  /** The header for these scopes; undefined where none is asked for or we have none. */
  async header(scopes: readonly Scope[]): Promise<string | undefined> {
    const { registryToken, username, password } = this.#credential ?? {};
    if (this.#challenge === undefined) return undefined;
    if (this.#challenge.scheme === "bearer")
      return registryToken === undefined ? this.#bearer(this.#challenge, scopes) : `Bearer ${registryToken}`;
    return username ? `Basic ${basic(username, password ?? "")}` : undefined;
  }

  async #bearer(challenge: Challenge, scopes: readonly Scope[]): Promise<string> {
    const key = scopes.join(" ");
    // Without an await where there is none yet: requests at the same time share one token.
    const pending = this.#tokens.get(key);
    const known = pending === undefined ? undefined : await pending;
    if (known !== undefined && known.expires > this.#clock.now()) return known.header;
    const fetched = this.#fetch(challenge, scopes);
    this.#tokens.set(key, fetched);
    try {
      return (await fetched).header;
    } catch (error) {
      this.#tokens.delete(key);
      throw error;
    }
  }

  async #fetch(challenge: Challenge, scopes: readonly Scope[]): Promise<Token> {
    const answer = await this.#exchange(tokenRequest(challenge, scopes, this.#credential));
    const { token, expires } = parseToken(answer);
    // A tenth early, so that a token does not run out on its way.
    return { header: `Bearer ${token}`, expires: this.#clock.now() + expires * 900 };
  }
}

/** GET with Basic, or POST with a refresh token (distribution docs, "Token Authentication" and "OAuth2 Token Authentication"). */
function tokenRequest(
  { parameters }: Challenge,
  scopes: readonly Scope[],
  credential: Credential | undefined,
): HttpRequest {
  const url = realmUrl(parameters["realm"]);
  const { service } = parameters;
  if (credential?.identityToken !== undefined) {
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      client_id: "slipway",
      refresh_token: credential.identityToken,
    });
    if (service !== undefined) form.set("service", service);
    form.set("scope", scopes.join(" "));
    const body = Buffer.from(form.toString());
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return {
      method: "POST",
      url,
      headers,
      body: { length: body.length, open: () => [body] },
      secretBody: true,
    };
  }
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  if (!credential?.username) return { method: "GET", url, headers: {} };
  url.searchParams.set("account", credential.username);
  return {
    method: "GET",
    url,
    headers: { authorization: `Basic ${basic(credential.username, credential.password)}` },
  };
}

function realmUrl(realm: string | undefined): URL {
  try {
    return new URL(realm ?? "");
  } catch (error) {
    throw new BuildError("REGISTRY_DENIED", "the registry names a token service that is not a URL", {
      remedy: "Check that the host is a registry of the OCI distribution protocol",
      cause: error,
    });
  }
}

function parseToken(answer: Buffer): { token: string; expires: number } {
  const { token, access_token, expires_in } = parseObject(answer);
  const text = typeof token === "string" ? token : access_token;
  // Anything but visible ASCII would not fit into a header.
  if (typeof text !== "string" || !/^[\x21-\x7e]+$/.test(text)) throw noToken();
  const seconds = typeof expires_in === "number" ? expires_in : 0;
  return { token: text, expires: Math.max(seconds, DEFAULT_LIFETIME_S) };
}

function parseObject(answer: Buffer): Record<string, unknown> {
  try {
    return Object(JSON.parse(answer.toString("utf8"))) as Record<string, unknown>;
  } catch {
    // The text may hold a token: it is not kept as the cause.
    throw noToken();
  }
}

function noToken(): BuildError {
  return new BuildError("REGISTRY_DENIED", "the registry's token service answers without a token", {
    remedy: "Look into the configuration of the registry's token service",
  });
}

function basic(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString("base64");
}
