import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BuildError } from "@slipway/core";
import type { ImageFile, ImageSource, InspectedImage } from "@slipway/registry/image";
import { compareFiles } from "../compare/compare-files.ts";
import type { ComparePolicy } from "../compare/compare-policy.ts";
import type { Difference } from "../compare/difference.ts";
import { shownBytes } from "../compare/shown-path.ts";
import { clipped } from "../compare/shown-value.ts";
import { readUnpackedTree } from "./read-unpacked-tree.ts";
import { LAYOUT_TAG, writeOciLayout } from "./write-oci-layout.ts";

const run = promisify(execFile);

export interface SecondOpinionOptions {
  /** Where the image is unpacked, and gone afterwards; the folder for temporary files when left out. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
}

/** Times of all files, in seconds. Node cannot read extended attributes, so that there are none on either side. */
const POLICY: Partial<ComparePolicy> = { mtime: "files-from-context", builtAfter: 1n << 62n };

/**
 * In what our reading of an image differs from what umoci, a program that shares no code with ours, unpacks of it:
 * path, type, mode, owner, size, hash, link, device, hard links, time of files. Expected is umoci's. None means that
 * both read the image in the same way, as they must where it is well-formed.
 *
 * Throws INVALID_CONFIG where umoci is not installed, cannot read the image, or we are not root and could give files to
 * nobody.
 */
export async function secondOpinion(
  source: ImageSource,
  image: Pick<InspectedImage, "files">,
  { folder = tmpdir(), signal }: SecondOpinionOptions = {},
): Promise<Difference[]> {
  const missing = await whyNoSecondOpinion();
  if (missing !== undefined)
    throw noOpinion(missing, "Run as root after apt-get install umoci; or leave out --second-opinion");
  const work = await mkdtemp(join(folder, "slipway-umoci-"));
  try {
    await writeOciLayout(source, join(work, "layout"));
    const rootfs = join(work, "rootfs");
    await unpack(source.name, join(work, "layout"), rootfs, signal);
    return compareFiles(await readUnpackedTree(rootfs), withoutXattrs(image.files), POLICY);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function unpack(
  name: string,
  layout: string,
  rootfs: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const command = ["raw", "unpack", "--image", `${layout}:${LAYOUT_TAG}`, rootfs];
  await run("umoci", command, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    const { stderr = "" } = error as { stderr?: string };
    const said = stderr.trim().split("\n").at(-1) ?? "";
    const remedy = "Look at the defects of the image; umoci before 0.5 reads no zstd";
    throw noOpinion(`umoci cannot unpack ${name}: ${clipped(shownBytes(said))}`, remedy);
  });
}

function noOpinion(problem: string, remedy: string): BuildError {
  return new BuildError("INVALID_CONFIG", `No second opinion on images: ${problem}`, { remedy });
}

/** undefined: it can be had. */
export async function whyNoSecondOpinion(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "only root can unpack files of others";
  return run("umoci", ["--version"]).then(
    () => undefined,
    () => "umoci is not installed",
  );
}

function withoutXattrs(files: ReadonlyMap<string, ImageFile>): ReadonlyMap<string, ImageFile> {
  return new Map([...files].map(([path, file]) => [path, { ...file, xattrs: new Map() }]));
}
