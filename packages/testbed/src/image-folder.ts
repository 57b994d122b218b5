import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { runCommand } from "./run-command.ts";

/** The part of an image's config that decides how it runs (OCI image specification, "Image Configuration"). */
export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly StopSignal?: string;
}

/** `manifest.json` of a Docker archive: the one form that Docker, containerd and our pusher all read. */
export interface ArchiveManifest {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}

/** As images have it whose configuration names none. */
export const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Writes an image as an unpacked Docker archive; `layers` are tar files, compressed as they are taken in when wanted. */
export async function writeImageFolder(
  folder: string,
  image: {
    readonly tags: readonly string[];
    readonly layers: readonly string[];
    readonly config: ImageConfig;
    readonly compress: boolean;
  },
): Promise<void> {
  const layers: string[] = [];
  const diffIds: string[] = [];
  for (const [index, source] of image.layers.entries()) {
    const name = `layer-${index}.tar${image.compress ? ".gz" : ""}`;
    diffIds.push(await takeLayer(source, join(folder, name), image.compress));
    layers.push(name);
  }
  const config = {
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    created: "2026-01-01T00:00:00Z",
    config: { Env: [PATH], ...image.config },
    rootfs: { type: "layers", diff_ids: diffIds },
    history: diffIds.map(() => ({ created: "2026-01-01T00:00:00Z", created_by: "slipway test bed" })),
  };
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  await writeManifest(folder, { Config: "config.json", RepoTags: image.tags, Layers: layers });
}

export async function readManifest(folder: string): Promise<ArchiveManifest> {
  const [manifest] = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as ArchiveManifest[];
  if (manifest === undefined) throw new Error(`${folder} holds no image`);
  return manifest;
}

export async function writeManifest(folder: string, manifest: ArchiveManifest): Promise<void> {
  await writeFile(join(folder, "manifest.json"), JSON.stringify([manifest]));
}

/** An image folder as one tar stream, as `docker load` and `ctr images import` read it. */
export function imageArchive(folder: string): Readable {
  return spawn("tar", ["-C", folder, "-cf", "-", "."], { stdio: ["ignore", "pipe", "inherit"] }).stdout;
}

/** Makes a layer from a folder that `fill` fills; owners and modes are kept, times are not. */
export async function makeLayer(target: string, fill: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "slipway-layer-"));
  try {
    await runCommand(["chmod", "0755", root]);
    await fill(root);
    await runCommand(["tar", "--sort=name", "--numeric-owner", "--mtime=@0", "-C", root, "-cf", target, "."]);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Copies a file into a layer's root, folders made as needed. */
export async function place(source: string, root: string, path: string, mode = 0o755): Promise<void> {
  await mkdir(join(root, path, ".."), { recursive: true });
  await cp(source, join(root, path));
  await runCommand(["chmod", mode.toString(8), join(root, path)]);
}

export async function placeText(text: string, root: string, path: string, mode = 0o644): Promise<void> {
  await mkdir(join(root, path, ".."), { recursive: true });
  await writeFile(join(root, path), text, { mode });
}

async function takeLayer(source: string, target: string, compress: boolean): Promise<string> {
  const hash = createHash("sha256");
  const hashed = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
  const file = createReadStream(source, { highWaterMark: 1 << 20 });
  if (compress) await pipeline(file, hashed, createGzip({ level: 3 }), createWriteStream(target));
  else await pipeline(file, hashed, createWriteStream(target));
  return `sha256:${hash.digest("hex")}`;
}
