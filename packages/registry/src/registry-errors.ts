import { BuildError, type ErrorCode } from "@slipway/core";

/** What was being done, for messages: never a URL, which may hold a token. */
export interface Attempted {
  readonly host: string;
  /** Such as `push the manifest of`; completed by the repository. */
  readonly action: string;
  readonly repository?: string | undefined;
  /** User name, `a token` or `anonymous`. */
  readonly account: string;
}

const LONGEST_QUOTE = 300;

/** Somebody else's text, made fit for one line of ours. */
export function quoted(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

/** `host/repository`, or the host alone. */
function place({ host, repository }: Attempted): string {
  return repository === undefined ? host : `${host}/${repository}`;
}

/** The `errors` array of an answer (distribution spec 1.1, "Error Codes"), or the beginning of its text. */
export function serverMessage(body: Buffer): string {
  try {
    const { errors } = JSON.parse(body.toString("utf8")) as {
      errors?: { code?: unknown; message?: unknown }[];
    };
    const texts = (errors ?? []).map(({ code, message }) =>
      [code, message].filter((x) => typeof x === "string").join(": "),
    );
    return quoted(texts.join("; "));
  } catch {
    return quoted(body.toString("utf8").replace(/<[^>]*>/g, " "));
  }
}

/** The error for an answer that no repetition will change, or that was repeated in vain. */
export function errorForStatus(attempted: Attempted, status: number, body: Buffer): BuildError {
  const said = serverMessage(body);
  const suffix = said === "" ? "" : ` (${said})`;
  const [code, problem, remedy] = explain(attempted, status, said);
  return new BuildError(code, `${place(attempted)}: cannot ${attempted.action}: ${problem}${suffix}`, {
    remedy,
    details: { host: attempted.host, status },
  });
}

type Explanation = readonly [code: ErrorCode, problem: string, remedy: string];

function explain({ host, account, repository }: Attempted, status: number, said: string): Explanation {
  if (status === 401)
    return [
      "REGISTRY_DENIED",
      `the registry refuses ${account}, status 401`,
      `Put a valid user name and password for ${host} into the registry Secret`,
    ];
  if (status === 403)
    return [
      "REGISTRY_DENIED",
      `${account} may not do that, status 403`,
      `Give that account the right to pull and push ${repository ?? "there"}, or use another one`,
    ];
  if (status === 404)
    return [
      "REGISTRY_DENIED",
      "the registry does not know the repository or image, status 404",
      "Check host and name; some registries need the repository to be created first",
    ];
  if (status === 413)
    return [
      "REGISTRY_DENIED",
      "the registry, or a proxy before it, refuses the size, status 413",
      "Raise the limit for request bodies there, or make the image's layers smaller",
    ];
  if (status === 400 && /HTTPS server|plain HTTP request was sent to HTTPS/i.test(said))
    return [
      "REGISTRY_UNTRUSTED",
      "the registry speaks HTTPS, and plain HTTP was asked for",
      `Remove ${host} from SLIPWAY_PLAIN_HTTP_REGISTRIES`,
    ];
  if (status === 429)
    return [
      "REGISTRY_UNAVAILABLE",
      "the registry limits the rate of requests, status 429",
      "Wait, or use an account or a mirror with a higher limit",
    ];
  if (status >= 500)
    return [
      "REGISTRY_UNAVAILABLE",
      `the registry answers status ${status}`,
      "Look into the registry's own log",
    ];
  return [
    "REGISTRY_DENIED",
    `the registry refuses the request, status ${status}`,
    "Check that the host is a registry of the OCI distribution protocol",
  ];
}

const UNKNOWN_CA = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
];
const NOT_TLS = ["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"];

/** A TLS failure that only the operator can mend; undefined for anything else. */
export function untrustedError(host: string, error: NodeJS.ErrnoException): BuildError | undefined {
  const explanation = explainTls(host, error.code ?? "");
  if (explanation === undefined) return undefined;
  const [problem, remedy] = explanation;
  return new BuildError("REGISTRY_UNTRUSTED", `${host}: ${problem}`, {
    remedy,
    details: { host },
    cause: error,
  });
}

function explainTls(host: string, code: string): readonly [string, string] | undefined {
  if (UNKNOWN_CA.includes(code))
    return [
      "the certificate is signed by an authority that is not trusted here",
      "Put that authority's certificate (PEM) into the file that SLIPWAY_REGISTRY_CA_FILE names",
    ];
  if (code === "CERT_HAS_EXPIRED") return ["the certificate has expired", "Renew the registry's certificate"];
  if (code === "CERT_NOT_YET_VALID")
    return ["the certificate is not yet valid", "Check the clocks of the registry and of this node"];
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return [
      "the certificate is for another host name",
      "Use a name that the certificate holds, or issue one that holds this name",
    ];
  if (NOT_TLS.includes(code) || code.startsWith("ERR_SSL_WRONG_VERSION"))
    return [
      "the registry does not speak TLS; it probably speaks plain HTTP",
      `If that is meant, add ${host} to SLIPWAY_PLAIN_HTTP_REGISTRIES`,
    ];
  if (code.startsWith("ERR_SSL_") || code.startsWith("CERT_"))
    return [`TLS failed (${code})`, "Check the registry's certificate and TLS settings"];
  return undefined;
}

const NO_CONNECTION = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENETDOWN"];

/** The error for a connection that was not made or was cut. `details.connected` is false when none was ever made. */
export function networkError(attempted: Attempted, error: NodeJS.ErrnoException): BuildError {
  const { code = "" } = error;
  const [problem, remedy] = explainNetwork(attempted.host, code, quoted(error.message));
  return new BuildError(
    "REGISTRY_UNAVAILABLE",
    `${place(attempted)}: cannot ${attempted.action}: ${problem}`,
    {
      remedy,
      details: {
        host: attempted.host,
        connected: !NO_CONNECTION.includes(code) && code !== "SLIPWAY_NO_CONNECTION",
      },
      cause: error,
    },
  );
}

function explainNetwork(host: string, code: string, message: string): readonly [string, string] {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return [
      `the name ${host} does not resolve (${code})`,
      "Check the registry's host name as pods see it, and the cluster's DNS",
    ];
  if (code === "ECONNREFUSED")
    return ["nothing listens there", "Check host and port, and that the registry runs"];
  if (NO_CONNECTION.includes(code)) return [`no route to it (${code})`, "Check network and network policies"];
  if (code === "SLIPWAY_STALLED" || code === "SLIPWAY_NO_CONNECTION" || code === "ETIMEDOUT")
    return ["it does not answer in time", "Check network policies, and the load of the registry"];
  return [
    `the connection was cut (${code === "" ? message : code})`,
    "Look into the log of the registry and of proxies before it",
  ];
}
