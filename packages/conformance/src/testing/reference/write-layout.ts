import { createHash } from "node:crypto";
import { lstat, mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import type { RunConfig } from "./base-image.ts";

export interface FinishedImage {
  /** Its files. */
  readonly root: string;
  readonly config: RunConfig;
  readonly architecture: string;
}

const OCI = "application/vnd.oci.image";

/** How a layer is made; what a mutant may do in another way. */
export interface LayerParts {
  readonly archive: (root: string) => Promise<Buffer>;
  readonly compress: (tar: Buffer) => Buffer;
}

const PARTS: LayerParts = { archive: archiveOf, compress: (tar) => gzipSync(tar, { level: 1 }) };

/** Writes an image with one layer as an OCI image layout (OCI image specification, image-layout.md). */
export async function writeLayout(
  image: FinishedImage,
  folder: string,
  parts: Partial<LayerParts> = {},
): Promise<void> {
  const { archive, compress } = { ...PARTS, ...parts };
  const tar = await archive(image.root);
  await mkdir(join(folder, "blobs/sha256"), { recursive: true });
  const put = async (bytes: Buffer, mediaType: string) => {
    const hex = sha256(bytes);
    await writeFile(join(folder, "blobs/sha256", hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const layer = await put(compress(tar), `${OCI}.layer.v1.tar+gzip`);
  const rootfs = { type: "layers", diff_ids: [`sha256:${sha256(tar)}`] };
  const { architecture, config } = image;
  const configured = await put(json({ architecture, os: "linux", config, rootfs }), `${OCI}.config.v1+json`);
  const mediaType = `${OCI}.manifest.v1+json`;
  const manifest = await put(
    json({ schemaVersion: 2, mediaType, config: configured, layers: [layer] }),
    mediaType,
  );
  await writeFile(join(folder, "oci-layout"), json({ imageLayoutVersion: "1.0.0" }));
  await writeFile(join(folder, "index.json"), json({ schemaVersion: 2, manifests: [manifest] }));
}

/** The same bytes for the same files. Everything is root's. */
export async function archiveOf(root: string): Promise<Buffer> {
  const tar = pack();
  const written = buffer(tar);
  // With types, because without them links to folders are followed.
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  for (const path of entries.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    const found = await lstat(path);
    const header = { name: relative(root, path), mode: found.mode | 0o10000, mtime: new Date(0) };
    if (found.isDirectory()) tar.entry({ ...header, type: "directory" });
    else if (found.isSymbolicLink())
      tar.entry({ ...header, type: "symlink", linkname: await readlink(path) });
    else tar.entry(header, await readFile(path));
  }
  tar.finalize();
  return written;
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
