import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkLayout } from "./oci-layout.ts";
import { digestOf, type TestLayout, writeTestLayout } from "./testing/index.ts";

const LAYERS = [Buffer.alloc(3000, "a"), Buffer.alloc(10, "b"), Buffer.alloc(10, "b")];

let folder: string;
let layout: TestLayout;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-layout-"));
  layout = await writeTestLayout(join(folder, "image"), LAYERS);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const check = (maxBytes = 1e6) => checkLayout(layout.root, { maxBytes });
const blobPath = (digest: string) => join(layout.root, "blobs", digest.replace(":", "/"));
const json = async (name: string) => JSON.parse(await readFile(join(layout.root, name), "utf8"));

test("a sound layout is read, a repeated layer once", async () => {
  const checked = await check();
  expect(checked).toMatchObject({
    digest: layout.digest,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    facts: { os: "linux", architecture: "amd64", entrypoint: ["/app"] },
  });
  expect(checked.blobs.map(({ digest }) => digest)).toEqual([
    layout.config,
    layout.layers[0],
    layout.layers[1],
  ]);
  const part = [];
  for await (const chunk of checked.blobs[1]?.open(2990, 3000) ?? []) part.push(chunk);
  expect(Buffer.concat(part).toString()).toBe("aaaaaaaaaa");
});

describe("a layout that was tampered with is RESULT_UNVERIFIED", () => {
  const layer = () => blobPath(layout.layers[0] ?? "");
  const cases: [string, () => Promise<unknown>, string][] = [
    ["a layer is a link to a secret", () => replaceByLink(layer(), "/etc/passwd"), "is a symbolic link"],
    ["a layer is a link to its own content", () => linkToCopy(layer()), "is a symbolic link"],
    ["a layer is a FIFO", () => replaceByFifo(layer()), "is not a regular file"],
    ["a layer is missing", () => rm(layer()), "is missing"],
    [
      "a layer has another content",
      () => writeFile(layer(), Buffer.alloc(3000, "x")),
      "does not hash to its name",
    ],
    ["a layer is longer", () => writeFile(layer(), Buffer.alloc(3001, "a")), "has 3001 bytes"],
    ["blobs is a link", () => linkToCopy(join(layout.root, "blobs")), "blobs is not a folder"],
    ["sha256 is a link", () => linkToCopy(join(layout.root, "blobs/sha256")), "blobs/sha256 is not a folder"],
    ["the layout is a link", () => linkToCopy(layout.root), "the layout is not a folder"],
    [
      "the layout is missing",
      () => rm(layout.root, { recursive: true }),
      "the folder of the layout is missing",
    ],
    [
      "index.json is a link",
      () => linkToCopy(join(layout.root, "index.json")),
      "index.json is a symbolic link",
    ],
    [
      "index.json is huge",
      () => writeFile(join(layout.root, "index.json"), Buffer.alloc(5 << 20, " ")),
      "is larger than",
    ],
    [
      "index.json is not JSON",
      () => writeFile(join(layout.root, "index.json"), "{"),
      "index.json is not JSON",
    ],
    ["no version", () => writeFile(join(layout.root, "oci-layout"), "{}"), "imageLayoutVersion"],
    ["two manifests", () => editIndex((one) => [one, one]), "lists 2 manifests"],
    ["no manifest", () => editIndex(() => []), "lists 0 manifests"],
    [
      "a nested index",
      () => editIndex((one) => [{ ...one, mediaType: "application/vnd.oci.image.index.v1+json" }]),
      "media type",
    ],
    [
      "a path as digest",
      () => editIndex((one) => [{ ...one, digest: "sha256:../../../etc/passwd" }]),
      "no sha256 digest",
    ],
    ["a size that is not one", () => editIndex((one) => [{ ...one, size: 0.5 }]), "no valid size"],
    [
      "a foreign layer",
      () => editManifest((m) => ({ ...m, layers: [{ ...m.layers[0], mediaType: "x/foreign" }] })),
      "x/foreign",
    ],
    [
      "fewer layers than the config says",
      () => editManifest((m) => ({ ...m, layers: [] })),
      "as many layers",
    ],
    [
      "two sizes of one blob",
      () => editManifest((m) => ({ ...m, layers: [m.layers[0], { ...m.layers[0], size: 1 }] })),
      "two sizes",
    ],
    [
      "another media type inside",
      () => editManifest((m) => ({ ...m, mediaType: "text/html" })),
      "another media type",
    ],
  ];

  test.each(cases)("%s", async (_name, tamper, message) => {
    await tamper();
    await expect(check()).rejects.toMatchObject({
      code: "RESULT_UNVERIFIED",
      message: expect.stringContaining(message),
    });
  });
});

test("an image above the limit is RESOURCE_EXHAUSTED before its blobs are read", async () => {
  await rm(blobPath(layout.layers[0] ?? ""));
  await expect(check(3000)).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
});

async function linkToCopy(path: string): Promise<void> {
  await rename(path, join(folder, "copy"));
  await symlink(join(folder, "copy"), path);
}

async function replaceByLink(path: string, target: string): Promise<void> {
  await rm(path);
  await symlink(target, path);
}

async function replaceByFifo(path: string): Promise<void> {
  await rm(path);
  execFileSync("mkfifo", [path]);
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

async function editIndex(change: (one: Descriptor) => unknown[]): Promise<void> {
  const index = await json("index.json");
  await writeFile(
    join(layout.root, "index.json"),
    JSON.stringify({ ...index, manifests: change(index.manifests[0]) }),
  );
}

async function editManifest(change: (manifest: { layers: Descriptor[] }) => object): Promise<void> {
  const manifest = await json(`blobs/${layout.digest.replace(":", "/")}`);
  const bytes = Buffer.from(JSON.stringify(change(manifest)));
  await writeFile(blobPath(digestOf(bytes)), bytes);
  await editIndex((one) => [{ ...one, digest: digestOf(bytes), size: bytes.length }]);
}
