import type { Digest } from "@slipway/core";
import type { LayerContent } from "./read-layer.ts";

/** Layers that were read, for images that share them, also while they are read. */
export interface LayerCache {
  /** What `read` made of the layer, now or before. No damaged blob is kept, and what was not used for longest goes first. */
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
  const running = new Map<string, Promise<LayerContent>>();
  let entries = 0;
  const keep = (digest: string, layer: LayerContent) => {
    kept.set(digest, layer);
    entries += layer.changes.length;
    for (const [oldest, { changes }] of kept) {
      if (entries <= maxEntries) break;
      kept.delete(oldest);
      entries -= changes.length;
    }
  };
  const known = (digest: string): LayerContent | undefined => {
    const layer = kept.get(digest);
    if (layer === undefined) return undefined;
    // The last in the map is the one used last.
    kept.delete(digest);
    kept.set(digest, layer);
    return layer;
  };
  const get = async (digest: Digest, read: () => Promise<LayerContent>): Promise<LayerContent> => {
    const layer = known(digest);
    if (layer !== undefined) return layer;
    const others = running.get(digest);
    // Why another image's source failed says nothing of this one's.
    if (others !== undefined) return others.catch(() => get(digest, read));
    const own = read()
      .then((found) => {
        // A blob that is not what its descriptor says is not the layer of that digest.
        if (!found.defects.some(({ rule }) => rule.startsWith("blob-"))) keep(digest, found);
        return found;
      })
      .finally(() => running.delete(digest));
    running.set(digest, own);
    return own;
  };
  return { get };
}
