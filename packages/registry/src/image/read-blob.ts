import { createHash } from "node:crypto";
import { isBuildError } from "@slipway/core";
import type { Descriptor } from "../image-manifest.ts";
import type { DefectRule } from "./image-defect.ts";
import type { ImageSource } from "./image-source.ts";

/**
 * The bytes of a blob; `report` is told where they are not there, or of another size or digest than the descriptor says.
 * Rejects when the source cannot be read, which says nothing of the image.
 */
export async function* readBlob(
  source: ImageSource,
  { digest, size }: Descriptor,
  report: (rule: DefectRule, found: string) => void,
): AsyncGenerator<Uint8Array, void> {
  const hash = createHash("sha256");
  let length = 0;
  try {
    for await (const chunk of source.openBlob(digest)) {
      hash.update(chunk);
      length += chunk.length;
      yield chunk;
    }
  } catch (error) {
    // A registry's client has compared the digest as well: below it is done for every source.
    if (!isBuildError(error) || error.code !== "RESULT_UNVERIFIED") throw error;
    if (length === 0) return report("blob-missing", `${digest}: ${error.message}`);
  }
  if (length !== size) report("blob-size", `${length} bytes; the descriptor says ${size}`);
  const actual = `sha256:${hash.digest("hex")}`;
  if (actual !== digest) report("blob-digest", `${actual}; the descriptor says ${digest}`);
}
