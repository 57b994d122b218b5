import type { IncomingMessage } from "node:http";
import { BuildError, type RegistryTrust } from "@slipway/core";
import type { HttpRequest, HttpTransport } from "./http-transport.ts";

const MOST_REDIRECTS = 5;

/** An answer, and the URL that gave it. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly stream: IncomingMessage;
  readonly url: URL;
}

/** The only schemes and hosts that may be spoken to: HTTPS, or plain HTTP where the operator said so. */
export function assertAllowed(url: URL, trust: RegistryTrust): void {
  // URL leaves port 80 out, which somebody may have written.
  const names = [url.host, `${url.hostname}:${url.port || "80"}`];
  const plain = url.protocol === "http:" && names.some((name) => speaksPlainHttp(name, trust));
  if (url.protocol === "https:" || plain) return;
  throw new BuildError(
    "REGISTRY_UNTRUSTED",
    `the registry leads to ${url.protocol}//${url.host}, which is not HTTPS`,
    {
      remedy: `If that is meant, add ${url.host} to SLIPWAY_PLAIN_HTTP_REGISTRIES`,
      details: { host: url.host },
    },
  );
}

export function speaksPlainHttp(host: string, trust: RegistryTrust): boolean {
  return trust.plainHttp.some((plain) => plain.toLowerCase() === host.toLowerCase());
}

/** Where a Location header leads, seen from `base`. Throws when it is not a URL, or may not be followed. */
export function locationFrom(header: string | undefined, base: URL, trust: RegistryTrust): URL {
  const url = parse(header ?? "", base);
  // Registries behind a proxy that ends TLS often name themselves with http:. Same host: stay with TLS.
  if (base.protocol === "https:" && url.protocol === "http:" && url.hostname === base.hostname) {
    url.protocol = base.protocol;
    url.port = base.port;
  }
  assertAllowed(url, trust);
  return url;
}

function parse(location: string, base: URL): URL {
  try {
    if (location === "") throw new TypeError("no Location header");
    return new URL(location, base);
  } catch (error) {
    throw new BuildError(
      "REGISTRY_DENIED",
      `${base.host}: the registry answers with a Location that is not a URL`,
      {
        remedy: "Check that the host is a registry of the OCI distribution protocol",
        cause: error,
      },
    );
  }
}

/** Sends a request and follows redirects. Credentials, in a header or a body, stay with the host and port they are meant for. */
export async function sendFollowing(
  transport: HttpTransport,
  request: HttpRequest,
  trust: RegistryTrust,
): Promise<Reply> {
  assertAllowed(request.url, trust);
  let current = request;
  for (let followed = 0; ; followed++) {
    const stream = await transport.send(current);
    const { headers, statusCode: status = 0 } = stream;
    if (!isRedirect(status, current.method) || headers.location === undefined)
      return { status, headers, stream, url: current.url };
    stream.resume();
    if (followed === MOST_REDIRECTS) throw tooMany(request.url);
    const url = locationFrom(headers.location, current.url, trust);
    const elsewhere = url.origin !== current.url.origin;
    if (elsewhere && request.secretBody === true) throw leadsAway(request.url, url);
    current = { ...current, url, headers: elsewhere ? bare(current.headers) : current.headers };
  }
}

/** 301 to 303 may turn another method into GET, so only reading follows them (RFC 9110 §15.4). */
function isRedirect(status: number, method: string): boolean {
  if (status === 307 || status === 308) return true;
  return (status === 301 || status === 302 || status === 303) && (method === "GET" || method === "HEAD");
}

function bare(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"),
  );
}

function leadsAway(from: URL, to: URL): BuildError {
  return new BuildError(
    "REGISTRY_DENIED",
    `${from.host}: the token service redirects to ${to.host}, which gets no credential of ours`,
    { remedy: "Let the registry name the token service's own address" },
  );
}

function tooMany({ host }: URL): BuildError {
  return new BuildError(
    "REGISTRY_DENIED",
    `${host}: the registry redirects more than ${MOST_REDIRECTS} times`,
    {
      remedy: "Look into the configuration of the registry and of proxies before it",
    },
  );
}
