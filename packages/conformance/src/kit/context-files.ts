import { createHash } from "node:crypto";
import { lstat, mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Texts or bytes by path, relative to the context; the Dockerfile is one of them. */
export type ContextTexts = Readonly<Record<string, string | Buffer>>;

/** Writes the files of a context. */
export async function writeContext(folder: string, files: ContextTexts): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** Everything below a folder: path, mode, and content or target; one line each, so that two states can be compared. */
export async function folderState(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const mode = ((await lstat(path)).mode & 0o7777).toString(8);
    return `${path.slice(folder.length + 1)} ${mode} ${await contentOf(path, entry)}`;
  });
  return (await Promise.all(lines)).sort();
}

async function contentOf(
  path: string,
  entry: { isFile(): boolean; isSymbolicLink(): boolean },
): Promise<string> {
  if (entry.isSymbolicLink()) return `-> ${await readlink(path)}`;
  if (!entry.isFile()) return "";
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
