import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** How the registry for tests asks for a credential. */
export interface RegistryAuth {
  readonly kind: "basic" | "bearer";
  readonly username: string;
  readonly password: string;
  /** Accepted by the token service instead of the password. */
  readonly identityToken?: string;
  /** Where the token service is; this registry itself when left out. */
  readonly realm?: string;
  /** Whether anybody may pull. */
  readonly anonymousPull?: boolean;
}

interface Grant {
  readonly scopes: readonly string[];
  readonly anonymous: boolean;
}

/** Judges Authorization headers, and gives out tokens at `/token`. */
export class TokenService {
  readonly #auth: RegistryAuth | undefined;
  readonly #grants = new Map<string, Grant>();

  constructor(auth: RegistryAuth | undefined) {
    this.#auth = auth;
  }

  /** Makes every token that was given out invalid. */
  revoke(): void {
    this.#grants.clear();
  }

  /** The WWW-Authenticate header of a refusal; undefined when the request may pass. `scope`: `repository:name:action`. */
  refusal(request: IncomingMessage, scope: string | undefined, origin: string): string | undefined {
    if (this.#auth === undefined) return undefined;
    const { kind, anonymousPull, realm = `${origin}/token` } = this.#auth;
    const authorization = request.headers.authorization ?? "";
    if (kind === "basic") {
      const open = anonymousPull === true && scope?.endsWith(":pull");
      return open || authorization === this.#basic() ? undefined : 'Basic realm="a registry, for tests"';
    }
    const grant = this.#grants.get(authorization.replace(/^Bearer /, ""));
    if (grant !== undefined && (scope === undefined || covers(grant, scope))) return undefined;
    return `Bearer realm="${realm}",service="test, service"${scope === undefined ? "" : `,scope="${scope}"`}`;
  }

  /** Answers a request to the token service. */
  grant(request: IncomingMessage, url: URL, body: Buffer): { status: number; body: object } {
    const form = new URLSearchParams(body.toString());
    const scopes = [...url.searchParams.getAll("scope"), ...(form.get("scope") ?? "").split(" ")];
    const byToken =
      this.#auth?.identityToken !== undefined && form.get("refresh_token") === this.#auth.identityToken;
    const known = byToken || request.headers.authorization === this.#basic();
    const anonymous = request.headers.authorization === undefined && this.#auth?.anonymousPull === true;
    if (!known && !anonymous)
      return { status: 401, body: { errors: [{ code: "UNAUTHORIZED", message: "wrong password" }] } };
    const token = randomUUID();
    this.#grants.set(token, { scopes, anonymous: !known });
    return { status: 200, body: { token, expires_in: 300 } };
  }

  #basic(): string {
    const { username = "", password = "" } = this.#auth ?? {};
    return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }
}

function covers(grant: Grant, wanted: string): boolean {
  const cut = wanted.lastIndexOf(":");
  const [name, action] = [wanted.slice(0, cut), wanted.slice(cut + 1)];
  if (grant.anonymous && action !== "pull") return false;
  return grant.scopes.some(
    (scope) =>
      scope.startsWith(`${name}:`) &&
      scope
        .slice(name.length + 1)
        .split(",")
        .includes(action),
  );
}
