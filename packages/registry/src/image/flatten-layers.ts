import type { BytePath } from "@slipway/core";
import { FlatTree } from "./flat-tree.ts";
import type { ImageDefect } from "./image-defect.ts";
import type { ImageFile, LayerChange } from "./image-file.ts";

export interface FlattenedImage {
  /** Folders before what is in them, names in byte order; the root, "", only where a layer has an entry for it. */
  readonly files: ReadonlyMap<BytePath, ImageFile>;
  readonly defects: readonly ImageDefect[];
}

/**
 * What a container sees of layers one over the other (OCI image specification, layer.md, "Applying Changesets" and
 * "Whiteouts"). What a layer deletes is always of lower layers, wherever in the archive its marker is.
 */
export function flattenLayers(layers: readonly (readonly LayerChange[])[]): FlattenedImage {
  const tree = new FlatTree();
  for (const [index, changes] of layers.entries()) {
    tree.beginLayer(index);
    for (const change of changes) {
      if (change.kind === "whiteout") tree.remove(change.path);
      else if (change.kind === "opaque") tree.clear(change.path);
    }
    for (const change of changes) {
      if (change.kind === "entry") tree.put(change.path, change.file);
      else if (change.kind === "hardlink") tree.link(change);
    }
    tree.endLayer();
  }
  return { files: tree.files(), defects: tree.defects };
}
