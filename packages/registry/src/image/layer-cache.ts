import type { Digest } from "@slipway/core";
import type { LayerContent } from "./read-layer.ts";

/** Layers that were read, for images that share them. */
export interface LayerCache {
  /** What `read` made of the layer, now or before. Only what is sound is kept, and the least used goes first. */
  get(digest: Digest, read: () => Promise<LayerContent>): Promise<LayerContent>;
}

// With half a kilobyte each: about 100 MB.
const MAX_ENTRIES = 200_000;

/**
 * Keeps the layers of at most `maxEntries` entries. A layer that is kept is not asked for again: an image is then not
 * known to have it in its registry.
 */
export function createLayerCache({ maxEntries = MAX_ENTRIES }: { maxEntries?: number } = {}): LayerCache {
  const kept = new Map<string, LayerContent>();
  let entries = 0;
  const forget = (key: string, { changes }: LayerContent) => {
    kept.delete(key);
    entries -= changes.length;
  };
  return {
    async get(digest, read) {
      const known = kept.get(digest);
      if (known !== undefined) kept.delete(digest);
      const layer = known ?? (await read());
      if (known === undefined && (layer.defects.length > 0 || kept.has(digest))) return layer;
      kept.set(digest, layer);
      if (known === undefined) entries += layer.changes.length;
      for (const [oldest, content] of kept) {
        if (entries <= maxEntries) break;
        forget(oldest, content);
      }
      return layer;
    },
  };
}
