import { BuildError } from "./errors.ts";
import type { Digest } from "./image-builder.ts";

/** True for `sha256:` followed by 64 lower-case hexadecimal digits (OCI image spec, descriptor.md "Digests"). */
export function isDigest(value: unknown): value is Digest {
  return typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
}

/** Throws RESULT_UNVERIFIED for anything but a digest; `origin` says who reported it. */
export function assertDigest(value: unknown, origin: string): asserts value is Digest {
  if (isDigest(value)) return;
  throw new BuildError(
    "RESULT_UNVERIFIED",
    `${origin} reported ${quoted(value)}, which is not a sha256 digest`,
    {
      remedy: "Report it to the author of the builder: it must return the digest that the registry stores",
    },
  );
}

function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 120);
}
