import { createHash } from "node:crypto";
import { BuildError, type Digest } from "@slipway/core";
import type { RegistryConnection, RegistryRequest } from "./registry-connection.ts";

/** Streams a blob, goes on after a cut, and rejects at the end when the bytes do not hash to `digest`. */
export async function* downloadBlob(
  connection: RegistryConnection,
  request: RegistryRequest,
  digest: Digest,
): AsyncGenerator<Buffer, void> {
  const hash = createHash("sha256");
  let received = 0;
  for (;;) {
    const before = received;
    const part = readFrom(connection, request, before);
    for (let next = await part.next(); ; next = await part.next()) {
      if (next.done) {
        if (next.value === "complete") return assertDigest(request, digest, `sha256:${hash.digest("hex")}`);
        break;
      }
      hash.update(next.value);
      received += next.value.length;
      yield next.value;
    }
  }
}

/** One answer's bytes from `start` on. Throws when it is cut before any progress; another attempt would hardly do better. */
async function* readFrom(
  connection: RegistryConnection,
  request: RegistryRequest,
  start: number,
): AsyncGenerator<Buffer, "complete" | "cut"> {
  const ranged = start > 0 ? { ...request, headers: { range: `bytes=${start}-` } } : request;
  const { status, stream } = await connection.retrying(() => connection.attempt(ranged));
  // 200 to a request for a range: the registry begins anew.
  let skip = status === 200 ? start : 0;
  let progress = false;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const fresh = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - fresh.length;
      progress ||= fresh.length > 0;
      if (fresh.length > 0) yield fresh;
    }
    return stream.complete ? "complete" : "cut";
  } catch (error) {
    if (progress) return "cut";
    throw connection.failureOf(request, error);
  } finally {
    stream.destroy();
  }
}

function assertDigest({ url, repository }: RegistryRequest, expected: Digest, actual: string): void {
  if (actual === expected) return;
  throw new BuildError(
    "RESULT_UNVERIFIED",
    `${url.host}/${repository}: ${expected} was read, and its bytes hash to ${actual}`,
    {
      remedy: "Look for a proxy that changes answers, and for damage in the registry's storage",
    },
  );
}
