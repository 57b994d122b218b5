import { join } from "node:path";
import { type BuildRequest, contextFiles } from "@slipway/core";
import { packTree } from "@slipway/filetree";

/**
 * SHA-256 in hex of what a builder gets as context and Dockerfile: the checked stream of both, .dockerignore applied.
 * Throws INVALID_REQUEST for a .dockerignore that Docker refuses.
 */
export async function contextDigest({
  context,
  dockerfile,
}: Pick<BuildRequest, "context" | "dockerfile">): Promise<string> {
  const { include } = await contextFiles(context.path, dockerfile);
  const stream = packTree([
    { from: context.path, to: "context", include },
    { from: join(context.path, dockerfile), to: "Dockerfile" },
  ]);
  for (;;) {
    const { done, value } = await stream.next();
    if (done === true) return value.sha256;
  }
}
