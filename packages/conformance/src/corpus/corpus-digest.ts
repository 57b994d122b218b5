import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CORPUS_FOLDER } from "./load-corpus.ts";

/** The version of the corpus: a hash over the name and the bytes of every file in it. */
export async function corpusDigest(folder: string = CORPUS_FOLDER): Promise<`sha256:${string}`> {
  const hash = createHash("sha256");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  for (const file of files) {
    const bytes = await readFile(file);
    hash.update(`${file.slice(folder.length + 1)}\0${bytes.length}\0`).update(bytes);
  }
  return `sha256:${hash.digest("hex")}`;
}
