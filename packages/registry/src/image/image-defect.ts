import type { BytePath } from "@slipway/core";
import { TAR_DEFECTS } from "../tar/tar-entry.ts";

/**
 * What can make an image malformed: some tool that has to store, pull or unpack it refuses it, or two of them make
 * different files of it. By name, which is part of the ids of differences and never changes.
 */
export const IMAGE_DEFECTS = {
  "manifest-digest": "the manifest does not hash to its digest",
  "manifest-size": "the manifest is not as large as its descriptor says",
  manifest: "the manifest is none (OCI manifest.md; Docker image manifest version 2, schema 2)",
  json: "the JSON is not strict: no UTF-8, or a key twice in one object",
  "mixed-media-types": "manifest, config and layers are not all of OCI's media types, or all of Docker's",
  "blob-missing": "there is no such blob",
  "blob-size": "the blob is not as large as its descriptor says",
  "blob-digest": "the blob does not hash to its digest",
  "blob-compression": "the layer is not compressed as its media type says, or the compressed data is damaged",
  config: "the config is none (OCI config.md): platform, rootfs",
  "config-field": "a field of the config is not of its type",
  "diff-id": "the uncompressed layer does not hash to its diff_id",
  "diff-id-count": "the config does not list as many diff_ids as the manifest lists layers",
  "history-count":
    "the config's history does not have as many entries with a layer as the manifest has layers",

  ...TAR_DEFECTS,
  "unsafe-name":
    "a name that no file can have, or that leads out: empty, with `..` or a NUL, or too long for Linux",
  "absolute-name": "a name that starts with a slash, and is not the root's",
  "reserved-name": "a name that starts with `.wh..wh.` and is no marker: unpackers leave it out",
  "duplicate-name": "two entries of one layer have the same name",
  "whiteout-and-entry": "one layer has a path and deletes it: the order decides for some unpackers only",
  "missing-parent": "neither this layer nor one below has the folder that an entry is in",
  "parent-not-folder": "an entry is in something that is no folder",
  "parent-is-link":
    "an entry is in a symlink of a lower layer: some unpackers follow it, others put a folder in its place",
  "missing-link-target": "a hard link to nothing, or to what comes later or cannot be linked to",
  "link-into-lower-layer": "a hard link to a file of a lower layer: Docker unpacks each layer alone",
  "hard-link-attributes": "a hard link with another mode or owner than its file",
} as const;

export type DefectRule = keyof typeof IMAGE_DEFECTS;

export interface ImageDefect {
  readonly rule: DefectRule;
  /** Index in the manifest, where it is of one layer. */
  readonly layer?: number;
  /** Where it is of one path. */
  readonly path?: BytePath;
  /** Where it is of neither: such as `manifest`, `config`, `Env`. */
  readonly subject?: string;
  /** What was found, for people. May hold bytes of names. */
  readonly found: string;
}

/** Beyond these nobody reads on, and a hostile image must not fill the memory. */
export const MAX_DEFECTS = 1000;
