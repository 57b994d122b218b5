import { createHash } from "node:crypto";
import type { Digest } from "@slipway/core";

export function sha256Digest(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
