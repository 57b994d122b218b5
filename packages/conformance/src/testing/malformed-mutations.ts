import type { ImageSource } from "@slipway/registry/image";
import {
  makeImage,
  type TestConfig,
  type TestImageRecipe,
  type TestManifest,
} from "@slipway/registry/testing";
import { type Mutation, mutation } from "./mutation.ts";
import { SUBJECT, withConfig } from "./mutation-subject.ts";

const NOWHERE = `sha256:${"0".repeat(64)}`;
/** What comes of it when the last layer cannot be read at all. */
const WITHOUT_OWN_LAYER = [
  "missing:/app",
  "extra:/etc/gone",
  "extra:/old/a",
  "extra:/old/b",
  "missing:/old/c",
];

const sound = makeImage(SUBJECT);

function manifestWith(edit: (manifest: TestManifest) => unknown): TestImageRecipe {
  return { ...SUBJECT, editManifest: (manifest) => edit(structuredClone(manifest)) };
}

function configWith(edit: (config: TestConfig) => unknown): TestImageRecipe {
  return { ...SUBJECT, editConfig: (config) => edit(structuredClone(config)) };
}

function lastLayer(edit: (blob: Buffer) => Buffer): TestImageRecipe {
  return { ...SUBJECT, editLayer: (blob, index) => (index === 1 ? edit(blob) : blob) };
}

function stored(change: Partial<ImageSource["manifest"]>): ImageSource {
  return { ...sound, manifest: { ...sound.manifest, ...change } };
}

function replacedIn(text: string, from: string, to: string): Buffer {
  return Buffer.from(text.replace(from, to), "latin1");
}

/** As if storage had changed one byte that means nothing: the time in a gzip header. */
async function* withOneByteChanged(blob: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const chunk of blob) {
    const copy = Buffer.from(chunk);
    if (first) copy.writeUInt8(1, 4);
    first = false;
    yield copy;
  }
}

const damagedStorage: ImageSource = {
  ...sound,
  openBlob: (digest) => {
    const last = [...sound.blobs.keys()].at(-1);
    return digest === last ? withOneByteChanged(sound.openBlob(digest)) : sound.openBlob(digest);
  },
};

/** Images whose manifest, config or blobs somebody would refuse, or take for something else. */
export const MALFORMED_MUTATIONS: readonly Mutation[] = [
  mutation(
    "a manifest of another digest",
    stored({ digest: NOWHERE as `sha256:${string}` }),
    "malformed:manifest-digest:manifest",
  ),
  mutation("a manifest of another size", stored({ size: 1 }), "malformed:manifest-size:manifest"),
  mutation(
    "a manifest with a key twice",
    manifestWith((manifest) => replacedIn(JSON.stringify(manifest), "{", '{"schemaVersion":2,')),
    "malformed:json:manifest",
  ),
  mutation(
    "Docker's config in an OCI manifest",
    manifestWith((manifest) => {
      manifest.config.mediaType = "application/vnd.docker.container.image.v1+json";
      return manifest;
    }),
    "malformed:mixed-media-types:manifest",
  ),
  mutation(
    "Docker's layer in an OCI manifest",
    manifestWith((manifest) => {
      for (const layer of manifest.layers)
        layer.mediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip";
      return manifest;
    }),
    "malformed:mixed-media-types:manifest",
  ),
  mutation(
    "a layer that is not there",
    manifestWith((manifest) => {
      for (const layer of manifest.layers.slice(1)) layer.digest = NOWHERE;
      return manifest;
    }),
    ["malformed:blob-missing:layers[1]", ...WITHOUT_OWN_LAYER],
  ),
  mutation(
    "a layer of another size",
    manifestWith((manifest) => {
      for (const layer of manifest.layers.slice(1)) layer.size += 1;
      return manifest;
    }),
    "malformed:blob-size:layers[1]",
  ),
  mutation(
    "a config of another size",
    manifestWith((manifest) => {
      manifest.config.size -= 1;
      return manifest;
    }),
    "malformed:blob-size:config",
  ),
  mutation("a layer of another digest", damagedStorage, "malformed:blob-digest:layers[1]"),
  mutation(
    "a layer with something after it",
    lastLayer((blob) => Buffer.concat([blob, Buffer.from("garbage")])),
    ["malformed:blob-compression:layers[1]", ...WITHOUT_OWN_LAYER],
  ),
  mutation(
    "a layer that is not compressed",
    manifestWith((manifest) => {
      for (const layer of manifest.layers) layer.mediaType = layer.mediaType.replace("gzip", "zstd");
      return manifest;
    }),
    ["malformed:blob-compression:layers[0]", "malformed:blob-compression:layers[1]"],
  ),

  mutation(
    "a config without platform",
    configWith(({ architecture: _, ...config }) => config),
    ["malformed:config:architecture", "config:architecture"],
  ),
  mutation(
    "a config of another kind of rootfs",
    configWith((config) => ({ ...config, rootfs: { ...config.rootfs, type: "folders" } })),
    "malformed:config:rootfs",
  ),
  mutation(
    "a config with a history of text",
    configWith((config) => ({ ...config, history: "RUN" })),
    "malformed:config:history",
  ),
  mutation(
    "a config with a key twice",
    configWith((config) => replacedIn(JSON.stringify(config), "{", '{"os":"linux",')),
    "malformed:json:config",
  ),
  mutation(
    "a config that is no UTF-8",
    configWith((config) => replacedIn(JSON.stringify(config), "someone", "some\xffone")),
    "malformed:json:config",
  ),
  mutation("a command that is text", withConfig({ Cmd: "serve --port 80" }), [
    "malformed:config-field:Cmd",
    "config:Cmd",
  ]),
  mutation("a variable without value", withConfig({ Env: ["PATH=/bin", "A=1", "B=2", "C"] }), [
    "malformed:config-field:Env",
    "config:Env.C",
  ]),
  mutation(
    "a diff_id of another layer",
    configWith((config) => {
      config.rootfs.diff_ids[1] = NOWHERE;
      return config;
    }),
    "malformed:diff-id:layers[1]",
  ),
  mutation(
    "a diff_id less",
    configWith((config) => {
      config.rootfs.diff_ids.pop();
      return config;
    }),
    "malformed:diff-id-count:rootfs",
  ),
  mutation(
    "a line of history more",
    configWith((config) => ({ ...config, history: [{}, {}, {}] })),
    "malformed:history-count:history",
  ),
];

/** Of these there is nothing left to compare. */
export const UNREADABLE: readonly Mutation[] = [
  mutation(
    "a manifest that is no JSON",
    manifestWith(() => Buffer.from("{")),
    "malformed:manifest:manifest",
  ),
  mutation(
    "a manifest without layers",
    manifestWith(({ layers: _, ...manifest }) => manifest),
    "malformed:manifest:manifest",
  ),
  mutation(
    "a config that is a list",
    configWith(() => []),
    "malformed:config:config",
  ),
  mutation(
    "a config that is not there",
    manifestWith((manifest) => {
      manifest.config.digest = NOWHERE;
      return manifest;
    }),
    "malformed:blob-missing:config",
  ),
];
