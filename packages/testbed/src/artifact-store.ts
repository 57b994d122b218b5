import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

const UNFINISHED = ".making-";

/** What is built once and kept: a folder, known by its name and everything that its content depends on. */
export interface Artifact {
  readonly name: string;
  /** Versions, recipe texts and keys of the artifacts it is made from: when one changes, it is made again. */
  readonly ingredients: readonly string[];
  make(folder: string, note: (text: string) => void): Promise<void>;
}

/** `name-key`, the key being a hash of the ingredients; their order and boundaries count. */
export function artifactKey(artifact: Pick<Artifact, "name" | "ingredients">): string {
  const hash = createHash("sha256");
  for (const ingredient of artifact.ingredients)
    hash.update(`${Buffer.byteLength(ingredient)}:`).update(ingredient);
  return `${artifact.name}-${hash.digest("hex").slice(0, 16)}`;
}

/** Folders by artifact key. A folder that is there is complete: it is made under another name and renamed. */
export class ArtifactStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  pathOf(artifact: Artifact): string {
    return join(this.#root, artifactKey(artifact));
  }

  has(artifact: Artifact): boolean {
    return existsSync(this.pathOf(artifact));
  }

  /** The folder of an artifact, made first where it is missing. */
  async ensure(artifact: Artifact, note: (text: string) => void = () => undefined): Promise<string> {
    const path = this.pathOf(artifact);
    if (existsSync(path)) return path;
    await mkdir(this.#root, { recursive: true });
    const temporary = await mkdtemp(join(this.#root, UNFINISHED));
    try {
      await artifact.make(temporary, note);
      await rename(temporary, path);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    await this.#removeOlder(artifact);
    return path;
  }

  /** Removes what a killed process had begun. Only for the one process that may change the store. */
  async removeUnfinished(): Promise<void> {
    const entries = await readdir(this.#root).catch(() => []);
    for (const entry of entries.filter((name) => name.startsWith(UNFINISHED))) {
      await rm(join(this.#root, entry), { recursive: true, force: true });
    }
  }

  async #removeOlder(artifact: Artifact): Promise<void> {
    const current = artifactKey(artifact);
    const older = (await readdir(this.#root)).filter(
      (entry) =>
        entry !== current &&
        /^-[0-9a-f]{16}$/.test(entry.slice(artifact.name.length)) &&
        entry.startsWith(artifact.name),
    );
    for (const entry of older) await rm(join(this.#root, entry), { recursive: true, force: true });
  }
}

/** The texts of a folder's files, as ingredients. */
export async function folderIngredients(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Promise.all(
    paths.map(async (path) => `${path.slice(folder.length)}\n${await readFile(path, "utf8")}`),
  );
}
