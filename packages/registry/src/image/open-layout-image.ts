import { parseIndex } from "../image-manifest.ts";
import { LayoutFiles, tampered } from "../layout-files.ts";
import type { ImageSource } from "./image-source.ts";

const MAX_INDEX_BYTES = 4 * 1024 * 1024;

/**
 * The one image of an OCI image layout (OCI image specification, image-layout.md). Rejects with RESULT_UNVERIFIED where
 * there is none to speak of; what is wrong with its blobs is for `inspectImage` to say.
 */
export async function openLayoutImage(folder: string, signal?: AbortSignal): Promise<ImageSource> {
  const files = new LayoutFiles(folder, signal);
  await files.assertFolders();
  const { digest, size, mediaType } = parseIndex(
    await files.readJson("index.json", MAX_INDEX_BYTES),
    tampered,
  );
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of files.whole(digest)) {
    length += chunk.length;
    if (length > MAX_INDEX_BYTES) throw tampered(`the manifest is larger than ${MAX_INDEX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return {
    name: folder,
    manifest: { digest, mediaType, size, bytes: Buffer.concat(chunks) },
    openBlob: (blob) => files.whole(blob),
    close: () => undefined,
  };
}
