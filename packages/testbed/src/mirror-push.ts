import { createHash } from "node:crypto";
import { createReadStream, type ReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { readManifest } from "./image-folder.ts";
import { TestbedError } from "./testbed-error.ts";
import { waitUntil } from "./wait-until.ts";

const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
const DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";

interface Descriptor {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: string;
}

/** Pushes an image folder to a registry that asks for nothing (OCI distribution specification, "Pushing manifests"). */
export async function pushImageFolder(
  registryUrl: string,
  folder: string,
  repository: string,
  tags: readonly string[],
): Promise<void> {
  const archive = await readManifest(folder);
  const config = await pushBlob(registryUrl, repository, join(folder, archive.Config), DOCKER_CONFIG);
  const layers: Descriptor[] = [];
  for (const layer of archive.Layers) {
    const path = join(folder, layer);
    layers.push(
      await pushBlob(
        registryUrl,
        repository,
        path,
        (await isGzip(path)) ? `${DOCKER_LAYER}.gzip` : DOCKER_LAYER,
      ),
    );
  }
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: DOCKER_MANIFEST, config, layers });
  for (const tag of tags) {
    const url = `${registryUrl}/v2/${repository}/manifests/${tag}`;
    await request(url, { method: "PUT", headers: { "content-type": DOCKER_MANIFEST }, body: manifest }, 201);
  }
}

async function pushBlob(
  registryUrl: string,
  repository: string,
  path: string,
  mediaType: string,
): Promise<Descriptor> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  const digest = `sha256:${hash.digest("hex")}`;
  const descriptor = { mediaType, size: (await stat(path)).size, digest };
  const blobs = `${registryUrl}/v2/${repository}/blobs`;
  const there = await fetch(`${blobs}/${digest}`, { method: "HEAD" });
  if (there.status === 200) return descriptor;
  const started = await request(`${blobs}/uploads/`, { method: "POST" }, 202);
  const target = new URL(started.headers.get("location") ?? "", registryUrl);
  target.searchParams.set("digest", digest);
  // The whole blob in one buffer would be simpler; a stream keeps memory flat for layers of 100 MB.
  const body = createReadStream(path, { highWaterMark: 1 << 20 });
  const headers = { "content-type": "application/octet-stream", "content-length": String(descriptor.size) };
  await request(target, { method: "PUT", headers, body, duplex: "half" }, 201);
  return descriptor;
}

interface RequestOptions {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | ReadStream;
  readonly duplex?: "half";
}

async function request(url: URL | string, init: RequestOptions, wanted: number): Promise<Response> {
  const response = await fetch(url, init as RequestInit);
  if (response.status === wanted) return response;
  throw new TestbedError(
    `${init.method} ${url} answered ${response.status}: ${(await response.text()).slice(0, 300)}`,
  );
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/** Waits until a registry answers: a Service leads to a ready pod a moment after the pod is ready. */
export async function waitForRegistry(registryUrl: string): Promise<void> {
  await waitUntil(`an answer of ${registryUrl}`, 60_000, async () => {
    const answer = await fetch(`${registryUrl}/v2/`, { signal: AbortSignal.timeout(3_000) }).catch(
      () => undefined,
    );
    return answer === undefined ? undefined : true;
  });
}
