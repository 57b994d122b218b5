import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { BuildError } from "@slipway/core";

/**
 * Node's own certificates and `ca` (PEM, one or more). Trap: with `ca`, Node 20 leaves NODE_EXTRA_CA_CERTS out, so
 * that `ca` has to hold those too; without `ca`, Node sees to it.
 * Throws INVALID_CONFIG when `ca` holds no certificate or a broken one.
 */
export function secureContextFor(ca: string | undefined): SecureContext {
  const context = createSecureContext();
  if (ca === undefined) return context;
  const certificates = ca.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) throw notPem();
  // The option `ca` would replace Node's own; this adds.
  for (const certificate of certificates) context.context.addCACert(checked(certificate));
  return context;
}

function checked(certificate: string): string {
  try {
    new X509Certificate(certificate);
    return certificate;
  } catch (error) {
    throw notPem(error);
  }
}

function notPem(cause?: unknown): BuildError {
  return new BuildError("INVALID_CONFIG", "the CA for registries is not a list of PEM certificates", {
    remedy: "Let SLIPWAY_REGISTRY_CA_FILE name a file with one or more BEGIN CERTIFICATE blocks",
    cause,
  });
}
