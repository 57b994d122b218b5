import { join } from "node:path";
import { type BuildRequest, contextFiles } from "@slipway/core";
import type { TextSource, TreeSource } from "@slipway/filetree";
import { INPUT_FOLDER } from "./container-shape.ts";
import { BUILD_PATHS } from "./layout-build.ts";

/** What the build container gets to see: context, Dockerfile and certificates, at the places of BUILD_PATHS. */
export async function buildSources(
  request: BuildRequest,
  dockerfile: string | undefined,
  ca: string | undefined,
): Promise<readonly (TreeSource | TextSource)[]> {
  const { include } = await contextFiles(request.context.path, request.dockerfile);
  const file = inStream(BUILD_PATHS.dockerfile);
  const path = join(request.context.path, request.dockerfile);
  return [
    { from: request.context.path, to: inStream(BUILD_PATHS.context), include },
    dockerfile === undefined ? { from: path, to: file } : { text: dockerfile, to: file },
    // Docker's rules are applied above. Without this file a builder would apply the context's own a second time, by rules of its own.
    { text: "", to: `${file}.dockerignore` },
    ...(ca === undefined ? [] : [{ text: ca, to: inStream(BUILD_PATHS.caFile) }]),
  ];
}

function inStream(path: string): string {
  return path.slice(INPUT_FOLDER.length + 1);
}
