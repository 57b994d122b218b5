import { BuildError, isBuildError } from "@slipway/core";
import { ApiFailure } from "./api-failure.ts";

/** Codes of OpenSSL and Node for a server whose certificate does not convince, and what is wrong with it. */
const TLS_PROBLEMS: Readonly<Record<string, { readonly cause: string; readonly remedy: string }>> = {
  CERT_HAS_EXPIRED: {
    cause: "its certificate has expired",
    remedy: "Renew the certificate of the API server, or set the clock of this machine",
  },
  CERT_NOT_YET_VALID: {
    cause: "its certificate is not valid yet",
    remedy: "Set the clock of this machine: it is most likely behind",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    cause: "its certificate is for another name",
    remedy: "Use the name that the certificate has, or set tls-server-name in the kubeconfig",
  },
};

const UNKNOWN_CA = {
  cause: "its certificate is not signed by the certificate authority that is configured",
  remedy: "Correct certificate-authority in the kubeconfig (in a pod: ca.crt of the service account)",
};

const UNKNOWN_CA_CODES: readonly string[] = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
];

/** Why no answer came. Certificates that do not convince end at once; everything else may pass. */
export function networkFailure(cause: unknown, host: string): ApiFailure {
  if (cause instanceof ApiFailure) return cause;
  if (isBuildError(cause)) return new ApiFailure(cause, "give-up");
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const tls =
    TLS_PROBLEMS[code] ??
    (UNKNOWN_CA_CODES.includes(code) ? UNKNOWN_CA : undefined) ??
    tlsRefusal(error, code);
  if (tls !== undefined) {
    const message = `the Kubernetes API at ${host} cannot be trusted: ${tls.cause} (${code})`;
    return new ApiFailure(
      new BuildError("INVALID_CONFIG", message, { remedy: tls.remedy, cause }),
      "give-up",
    );
  }
  const message = `the Kubernetes API at ${host} does not answer: ${error.message || code || "connection lost"}`;
  const remedy = `Check that the API server runs and that ${host} can be reached from here`;
  return new ApiFailure(new BuildError("CLUSTER_UNAVAILABLE", message, { remedy, cause }), "retry");
}

function tlsRefusal(error: Error, code: string): { cause: string; remedy: string } | undefined {
  if (!code.startsWith("ERR_SSL_") && code !== "EPROTO") return undefined;
  const cause = `the TLS handshake failed: ${error.message.replace(/^.*SSL routines:[^:]*:/s, "").trim()}`;
  return {
    cause,
    remedy: "Check that the address is one of an API server and that the client certificate is valid",
  };
}
