import { join } from "node:path";

/** Folder of this package, the same from `src` and from `dist`. */
const packageFolder = join(import.meta.dirname, "..", "..");

/** A folder of `recipes-src`: the Go modules and files that recipes are made from. */
export function recipeSource(...names: readonly string[]): string {
  return join(packageFolder, "recipes-src", ...names);
}

export function manifestFile(name: string): string {
  return join(packageFolder, "manifests", name);
}
