import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
} from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { BuildError, type IncludePath } from "@slipway/core";

export interface CopyOptions {
  /** The context, or the files of another stage. */
  readonly from: string;
  readonly sources: readonly string[];
  /** Absolute; with a slash at its end it is a folder. */
  readonly target: string;
  readonly include: IncludePath;
  /** Octal. */
  readonly mode?: number;
}

/** COPY of files and folders, which are named without wildcards. */
export async function copyFiles(options: CopyOptions): Promise<void> {
  const { from, sources, target } = options;
  const intoFolder = target.endsWith("/") || sources.length > 1;
  for (const source of sources) {
    const path = await insideOf(from, source);
    const name = relative(await realpath(from), path);
    if (name !== "" && options.include(name, false) === false) throw missing(source);
    const isFolder = (await stat(path)).isDirectory();
    const to = !isFolder && intoFolder ? join(target, basename(source)) : target;
    await copyEntry(path, to, { ...options, from: await realpath(from) });
  }
}

/** Where a source leads. What is not below `from` does not exist. */
async function insideOf(from: string, source: string): Promise<string> {
  const [root, path] = await Promise.all([
    realpath(from),
    realpath(join(from, source)).catch(() => undefined),
  ]);
  if (path === root || path?.startsWith(`${root}/`) === true) return path;
  throw missing(source);
}

async function copyEntry(path: string, to: string, options: CopyOptions): Promise<void> {
  const found = await lstat(path);
  const name = relative(options.from, path);
  const included = name === "" ? true : options.include(name, found.isDirectory());
  if (included === false) return;
  if (found.isDirectory()) {
    if (included === true) await makeFolder(to, options.mode ?? found.mode);
    for (const child of await readdir(path)) await copyEntry(join(path, child), join(to, child), options);
    return;
  }
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { force: true });
  if (found.isSymbolicLink()) return symlink(await readlink(path), to);
  await copyFile(path, to);
  await chmod(to, options.mode ?? found.mode & 0o7777);
}

async function makeFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, mode & 0o7777);
}

function missing(source: string): BuildError {
  return new BuildError("BUILD_FAILED", `COPY of ${source} failed: the context has no such file`, {
    remedy: "Correct the name, or .dockerignore",
  });
}
