import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Digest } from "@slipway/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RegistryClient } from "../registry-client.ts";
import { makeImage, type TestImage, writeImageLayout } from "../testing/make-image.ts";
import { makeTar, type TestEntry, tarHeader, withSum } from "../testing/make-tar.ts";
import { MemoryRegistry } from "../testing/memory-registry.ts";
import type { ImageSource } from "./image-source.ts";
import { inspectImage } from "./inspect-image.ts";
import { createLayerCache } from "./layer-cache.ts";
import { openLayoutImage } from "./open-layout-image.ts";
import { openRegistryImage } from "./open-registry-image.ts";

const BASE: readonly TestEntry[] = [
  { name: "etc/", type: "folder" },
  { name: "etc/a", content: "hello" },
];
const image = makeImage({
  layers: [BASE, [{ name: "b", content: "x".repeat(5000) }]],
  config: { config: { User: "7" } },
});

describe("inspectImage", () => {
  it("tells digests, sizes, config, layers and files", async () => {
    const found = await inspectImage(image);
    expect(found).toMatchObject({
      digest: image.manifest.digest,
      mediaType: image.manifest.mediaType,
      defects: [],
    });
    expect(found.config.raw["config"]).toEqual({ User: "7" });
    expect(found.config.facts.user).toBe("7");
    expect(found.config.digest).toBe([...image.blobs.keys()][0]);
    expect(found.layers.map(({ entries }) => entries.length)).toEqual([2, 1]);
    expect(found.layers.map(({ diffId }) => diffId)).toEqual(
      (found.config.raw["rootfs"] as { diff_ids: string[] }).diff_ids,
    );
    const stored = [...image.blobs.values(), image.manifest.bytes].reduce(
      (sum, { length }) => sum + length,
      0,
    );
    expect(found.manifest.sizeBytes).toBe(stored);
  });

  it("keeps the content of small files, and of others the hash", async () => {
    const { files } = await inspectImage(image);
    expect(files.get("etc/a")?.content?.toString()).toBe("hello");
    expect(files.get("etc/a")?.sha256).toBe(
      "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    );
    expect(files.get("b")).toMatchObject({ size: 5000, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(files.get("b")?.content).toBeUndefined();
  });

  it("keeps no more of one layer than 4 MiB, however many small files it has", async () => {
    const many = Array.from({ length: 1200 }, (_, index) => ({
      name: `f${index}`,
      content: Buffer.alloc(4096, index),
    }));
    const { files } = await inspectImage(makeImage({ layers: [many] }));
    expect([...files.values()].filter(({ content }) => content !== undefined).length).toBe(1024);
  });

  it("rejects with RESOURCE_EXHAUSTED above a limit, and lets go of the blob", async () => {
    let open = 0;
    const source: ImageSource = {
      ...image,
      async *openBlob(digest) {
        open += 1;
        try {
          yield* image.openBlob(digest);
        } finally {
          open -= 1;
        }
      },
    };
    const tooLarge = { code: "RESOURCE_EXHAUSTED" };
    // Both layers: three headers, contents in whole blocks, and the ends.
    const bytes = 3 * 512 + 512 + 5120 + 2 * 1024;
    await expect(inspectImage(source, { maxBytes: bytes - 1 })).rejects.toMatchObject(tooLarge);
    await expect(inspectImage(source, { maxEntries: 2 })).rejects.toMatchObject(tooLarge);
    await expect(inspectImage(source, { maxBytes: bytes, maxEntries: 3 })).resolves.toMatchObject({
      defects: [],
    });
    expect(open).toBe(0);
  });

  it("reads a file of endless holes no further than the limit", async () => {
    const header = Buffer.alloc(512);
    tarHeader({ name: "holes" }, 0, "gnu", "S").copy(header);
    header.write("77777777777\0", 483, "latin1");
    const archive = Buffer.concat([withSum(header), Buffer.alloc(1024)]);
    const holes = makeImage({ layers: [archive] });
    await expect(inspectImage(holes, { maxBytes: 1e6 })).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
    });
  });

  it("reads what a small layer unpacks to no further than the limit", async () => {
    const bomb = Buffer.concat([makeTar([{ name: "a" }]), Buffer.alloc(2_000_000)]);
    const image = makeImage({ layers: [bomb] });
    await expect(inspectImage(image, { maxBytes: 1e6 })).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
    });
  });

  it("counts no more than a thousand defects of an archive", async () => {
    const twice = Array.from({ length: 1500 }, () => ({ name: "same" }));
    expect((await inspectImage(makeImage({ layers: [twice] }))).defects).toHaveLength(1000);
  });

  it("passes on what a source fails with", async () => {
    const source: ImageSource = {
      ...image,
      // biome-ignore lint/correctness/useYield: it fails first.
      async *openBlob() {
        throw new Error("the network is down");
      },
    };
    await expect(inspectImage(source)).rejects.toThrow("the network is down");
  });
});

describe("createLayerCache", () => {
  function counted(source: TestImage): { source: ImageSource; read: string[] } {
    const read: string[] = [];
    return {
      read,
      source: {
        ...source,
        openBlob: (digest) => {
          read.push(digest);
          return source.openBlob(digest);
        },
      },
    };
  }

  it("reads a layer that two images share once", async () => {
    const cache = createLayerCache();
    const one = counted(makeImage({ layers: [BASE, [{ name: "one" }]] }));
    const two = counted(makeImage({ layers: [BASE, [{ name: "two" }]] }));
    await inspectImage(one.source, { cache });
    const { files, defects } = await inspectImage(two.source, { cache });
    // Of the second image its config and its own layer.
    expect([one.read.length, two.read.length]).toEqual([3, 2]);
    expect([[...files.keys()], defects]).toEqual([["etc", "etc/a", "two"], []]);
  });

  it("reads it once, too, when both are read at the same time", async () => {
    const cache = createLayerCache();
    const images = ["one", "two", "three"].map((name) => counted(makeImage({ layers: [BASE, [{ name }]] })));
    await Promise.all(images.map(({ source }) => inspectImage(source, { cache })));
    const base = images[0]?.read.filter((digest) => images[1]?.source.manifest.bytes.includes(digest));
    const all = images.flatMap(({ read }) => read);
    expect(all.length).toBe(3 * 2 + 1);
    expect(base?.length).toBe(1);
  });

  it("asks the next image's source when that of the first fails", async () => {
    const cache = createLayerCache();
    const digest = `sha256:${"0".repeat(64)}` as const;
    const layer = { diffId: digest, changes: [], defects: [] };
    const first = cache.get(digest, () => Promise.reject(new Error("the network is down")));
    const second = cache.get(digest, () => Promise.resolve(layer));
    await expect(first).rejects.toThrow("the network is down");
    await expect(second).resolves.toBe(layer);
  });

  it("keeps no layer that is damaged, and tells of it each time", async () => {
    const cache = createLayerCache();
    const damaged = makeImage({ layers: [BASE], editLayer: (blob) => blob.subarray(0, -5) });
    for (let time = 0; time < 2; time += 1) {
      const { source, read } = counted(damaged);
      const { defects } = await inspectImage(source, { cache });
      expect(read.length).toBe(2);
      expect(defects.map(({ rule }) => rule)).toEqual(["blob-compression"]);
    }
  });

  it("forgets the layer that was not used for longest when it is full", async () => {
    const cache = createLayerCache({ maxEntries: 4 });
    const images = ["a", "b", "c"].map((name) => makeImage({ layers: [[{ name }, { name: `${name}2` }]] }));
    for (const one of images) await inspectImage(one, { cache });
    const [first, , third] = images.map(counted);
    if (first === undefined || third === undefined) throw new Error("three images were made");
    await inspectImage(third.source, { cache });
    await inspectImage(first.source, { cache });
    expect([first.read.length, third.read.length]).toEqual([2, 1]);
  });
});

describe("openLayoutImage", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-layout-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("reads what was written", async () => {
    await writeImageLayout(image, folder);
    const found = await inspectImage(await openLayoutImage(folder));
    expect(found).toEqual(await inspectImage(image));
  });

  it("leaves a missing blob to be told, and a missing index not", async () => {
    await writeImageLayout(image, folder);
    const layer = [...image.blobs.keys()].at(-1) ?? "";
    await rm(join(folder, "blobs", layer.replace(":", "/")));
    const { defects } = await inspectImage(await openLayoutImage(folder));
    expect(defects.map(({ rule, layer }) => [rule, layer])).toEqual([["blob-missing", 1]]);
    await rm(join(folder, "index.json"));
    await expect(openLayoutImage(folder)).rejects.toMatchObject({ code: "RESULT_UNVERIFIED" });
  });
});

describe("openRegistryImage", () => {
  let registry: MemoryRegistry;
  beforeEach(async () => {
    registry = await MemoryRegistry.start();
  });
  afterEach(() => registry.stop());

  const trust = () => ({ plainHttp: [registry.host] });

  async function push(lost?: Digest): Promise<void> {
    const client = new RegistryClient({ host: registry.host, trust: trust() });
    for (const [digest, blob] of image.blobs) {
      await client.uploadBlob("app", {
        digest,
        size: blob.length,
        open: (start, end) => chunks(blob.subarray(start, end)),
      });
    }
    await client.putManifest("app", "latest", image.manifest.bytes, image.manifest.mediaType);
    if (lost !== undefined) await client.deleteBlob("app", lost);
    client.close();
  }

  async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
    yield bytes;
  }

  it("reads what was pushed", async () => {
    await push();
    const source = await openRegistryImage(`${registry.host}/app`, { trust: trust() });
    expect(await inspectImage(source)).toEqual(await inspectImage(image));
    source.close();
  });

  it("rejects with IMAGE_UNAVAILABLE where there is none", async () => {
    await expect(openRegistryImage(`${registry.host}/none`, { trust: trust() })).rejects.toMatchObject({
      code: "IMAGE_UNAVAILABLE",
    });
  });

  it("tells of a layer that the registry has lost", async () => {
    await push([...image.blobs.keys()].at(-1));
    const source = await openRegistryImage(`${registry.host}/app`, { trust: trust() });
    const { defects } = await inspectImage(source);
    expect(defects.map(({ rule, layer }) => [rule, layer])).toEqual([["blob-missing", 1]]);
    source.close();
  });
});
