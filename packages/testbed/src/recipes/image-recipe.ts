import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, type ArtifactStore, artifactKey } from "../artifact-store.ts";
import { type ImageConfig, makeLayer, writeImageFolder } from "../image-folder.ts";

/** An image that is made here, as data: what it is made from, and how it runs. */
export interface ImageRecipe {
  readonly name: string;
  readonly tags: readonly string[];
  /** Artifacts that bring a `root.tar`, lowest first. */
  readonly bases: readonly Artifact[];
  /** Artifacts whose files the top layer is made from, by the name that `fill` uses. */
  readonly parts: Readonly<Record<string, Artifact>>;
  /** What else the top layer depends on: texts, versions of files taken from this machine. */
  readonly ingredients?: readonly string[];
  /** Puts the files of the top layer in place. */
  fill?(root: string, parts: Readonly<Record<string, string>>): Promise<void>;
  readonly config: ImageConfig;
  readonly compress?: boolean;
}

/** Changes when the way that images are written changes. */
const FORMAT = "image format 1";

/** A folder with an image as an unpacked Docker archive. */
export function imageArtifact(recipe: ImageRecipe, store: ArtifactStore): Artifact {
  const { fill, compress = true } = recipe;
  const ingredients = [
    FORMAT,
    JSON.stringify([recipe.tags, recipe.config, compress]),
    String(fill),
    ...recipe.bases.map(artifactKey),
    ...Object.values(recipe.parts).map(artifactKey),
    ...(recipe.ingredients ?? []),
  ];
  return {
    name: `image-${recipe.name}`,
    ingredients,
    make: async (folder, note) => {
      const layers: string[] = [];
      for (const base of recipe.bases) layers.push(join(await store.ensure(base, note), "root.tar"));
      const parts: Record<string, string> = {};
      for (const [name, part] of Object.entries(recipe.parts)) parts[name] = await store.ensure(part, note);
      const top = join(folder, "top.tar");
      if (fill !== undefined) {
        await makeLayer(top, (root) => fill(root, parts));
        layers.push(top);
      }
      await writeImageFolder(folder, { tags: recipe.tags, layers, config: recipe.config, compress });
      await rm(top, { force: true });
    },
  };
}
