import { execFile } from "node:child_process";
import { lstatSync, type Stats } from "node:fs";
import { chmod, lchown, link, lutimes, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { BuildError } from "@slipway/core";
import type { CorpusCase, RecipeEntry } from "./corpus-case.ts";
import { corpusDefect } from "./corpus-defect.ts";
import { packArchive } from "./pack-archive.ts";
import { type Attributes, attributesOf } from "./recipe-attributes.ts";
import { contentOf } from "./recipe-content.ts";

const run = promisify(execFile);

/**
 * Makes the context of a case in `folder`, which must be empty: the files of the case's folder `context`, the recipe,
 * and the Dockerfile at its place. Every mode, owner and time is pinned, so that all builders get the same bytes.
 *
 * Only root can set owners; others can make every case but those that name one. Throws INVALID_CONFIG when something
 * is missing that the recipe needs: root, a program, a file.
 */
export async function materialiseContext(one: CorpusCase, folder: string): Promise<void> {
  assertMayChown(one);
  const named = new Map<string, Attributes>();
  await copyPlain(join(one.folder, "context"), folder, named);
  for (const entry of one.recipe) {
    const path = pathOf(entry, folder);
    await make(entry, path, { folder, file: `${one.group}/${one.id}/case.yaml` });
    const attributes = attributesFor(entry, folder, named);
    if (attributes !== undefined) named.set(keyOf(path), attributes);
  }
  // Through a symbolic link, where the recipe puts one in its place.
  await mkdir(dirname(join(folder, one.build.dockerfile)), { recursive: true });
  await writeFile(join(folder, one.build.dockerfile), await readFile(join(one.folder, "Dockerfile")));
  await pin(Buffer.from(folder), named);
}

/** Whether only root can make the context, because the recipe names an owner. */
export function needsRoot({ recipe }: CorpusCase): boolean {
  return recipe.some(({ owner }) => owner !== undefined);
}

function assertMayChown(one: CorpusCase): void {
  if (!needsRoot(one) || isRoot()) return;
  throw new BuildError("INVALID_CONFIG", `The context of ${one.group}/${one.id} has files of other owners`, {
    remedy: "Run it as root, or leave the case out",
  });
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Of the modes git keeps one bit: what is executable there is 0755 here. */
async function copyPlain(from: string, to: string, named: Map<string, Attributes>): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const source = join(from, entry.name);
    const path = join(to, entry.name);
    if (entry.isDirectory()) {
      await mkdir(path);
      await copyPlain(source, path, named);
      continue;
    }
    await writeFile(path, await readFile(source));
    if ((lstatSync(source).mode & 0o100) === 0) continue;
    named.set(keyOf(Buffer.from(path)), attributesOf({ type: "file", mode: "0755" }));
  }
}

async function make(
  entry: RecipeEntry,
  path: Buffer,
  { folder, file }: { readonly folder: string; readonly file: string },
): Promise<void> {
  await mkdir(path.subarray(0, path.lastIndexOf("/")), { recursive: true });
  switch (entry.type) {
    case "folder":
      await mkdir(path, { recursive: true });
      break;
    case "symlink":
      await symlink(entry.target ?? "", path);
      break;
    case "hardlink":
      await link(join(folder, entry.target ?? ""), path);
      break;
    case "fifo":
      await run("mkfifo", [path.toString("utf8")]);
      break;
    case "tar":
      await writeFile(path, await packArchive(entry));
      break;
    case "file": {
      const content = contentOf(entry);
      if (content !== undefined) await writeFile(path, content);
      else if (statsOf(path)?.isFile() !== true) {
        const cause = `the recipe gives ${entry.path} no content, and the folder context has no such file`;
        throw corpusDefect(file, cause, "Give it text, base64 or sizeBytes");
      }
    }
  }
}

function pathOf({ path, pathBase64 }: RecipeEntry, folder: string): Buffer {
  const name = pathBase64 === undefined ? Buffer.from(path ?? "") : Buffer.from(pathBase64, "base64");
  return Buffer.concat([Buffer.from(`${folder}/`), name]);
}

/** A hard link has those of its file; undefined for what has the pinned ones. */
function attributesFor(
  entry: RecipeEntry,
  folder: string,
  named: ReadonlyMap<string, Attributes>,
): Attributes | undefined {
  if (entry.type === "hardlink") return named.get(keyOf(Buffer.from(join(folder, entry.target ?? ""))));
  const { mode, owner, mtime } = entry;
  return [mode, owner, mtime].every((one) => one === undefined) ? undefined : attributesOf(entry);
}

/** Paths are bytes: one character for each of them. */
function keyOf(path: Buffer): string {
  return path.toString("latin1");
}

function statsOf(path: Buffer): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** What is in a folder before the folder itself: a folder may become one that only root can write to. */
async function pin(path: Buffer, named: ReadonlyMap<string, Attributes>): Promise<void> {
  const stats = lstatSync(path);
  if (stats.isDirectory()) {
    for (const name of await readdir(path, { encoding: "buffer" })) {
      await pin(Buffer.concat([path, Buffer.from("/"), name]), named);
    }
  }
  const type = stats.isDirectory() ? "folder" : "file";
  const { mode, uid, gid, mtime } = named.get(keyOf(path)) ?? attributesOf({ type });
  // In this order: a new owner takes setuid and setgid away.
  if (isRoot()) await lchown(path, uid, gid);
  if (!stats.isSymbolicLink()) await chmod(path, mode);
  await lutimes(path, mtime, mtime);
}
