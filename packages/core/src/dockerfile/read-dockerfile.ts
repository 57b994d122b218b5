import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { BuildError } from "../errors.ts";

export const MAX_DOCKERFILE_BYTES = 1024 * 1024;

export interface ReadDockerfileOptions {
  /**
   * Absolute folders; the file must really be in one of them, symbolic links followed. The runner does not confine
   * the path in `image:` of an action, so that somebody has to.
   */
  readonly allowedRoots: readonly string[];
}

export interface DockerfileOnDisk {
  /** Absolute, with symbolic links resolved. */
  readonly path: string;
  readonly text: string;
}

/**
 * Reads a Dockerfile of somebody else: never blocks on a FIFO or device, never leaves the allowed folders. Throws
 * INVALID_REQUEST that tells what is wrong with the path or the content, and the cure.
 */
export async function readDockerfile(
  path: string,
  { allowedRoots }: ReadDockerfileOptions,
): Promise<DockerfileOnDisk> {
  const absolute = absolutePathOf(path);
  // Before the disk is asked: a path that leads out must not even tell what exists there.
  if (!(await isInside(absolute, allowedRoots))) throw outside(path, `${absolute}`, allowedRoots);
  const real = await realPathOf(path, absolute);
  const realRoots = await Promise.all(allowedRoots.map(realRootOf));
  if (!isBelow(real, realRoots)) throw outside(path, real, allowedRoots);
  return { path: real, text: textOf(path, await bytesOf(path, real)) };
}

function absolutePathOf(path: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    throw refused(
      path,
      "is a URL, not a file",
      "Name a Dockerfile in the folder of the action: image: Dockerfile",
    );
  }
  if (path === "" || path.includes("\0"))
    throw refused(path, "is not a path", "Name a Dockerfile: image: Dockerfile");
  if (!isAbsolute(path))
    throw refused(path, "is not an absolute path", "Give the absolute path of the Dockerfile");
  return resolve(path);
}

async function isInside(path: string, roots: readonly string[]): Promise<boolean> {
  const realRoots = await Promise.all(roots.map(realRootOf));
  return isBelow(path, [...roots.map((root) => resolve(root)), ...realRoots]);
}

function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const way = relative(root, path);
    return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  });
}

async function realRootOf(root: string): Promise<string> {
  try {
    return await realpath(root);
  } catch {
    // A root that does not exist holds nothing; the check of the path says so.
    return resolve(root);
  }
}

async function realPathOf(path: string, absolute: string): Promise<string> {
  try {
    return await realpath(absolute);
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function bytesOf(path: string, real: string): Promise<Buffer> {
  try {
    assertRegular(path, await lstat(real));
    // Between lstat and open the file may become another one: O_NONBLOCK and O_NOFOLLOW hold all the same.
    const file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      assertRegular(path, await file.stat());
      return await readUpTo(file, MAX_DOCKERFILE_BYTES + 1);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function readUpTo(file: FileHandle, limit: number): Promise<Buffer> {
  const buffer = Buffer.alloc(limit);
  let length = 0;
  while (length < limit) {
    const { bytesRead } = await file.read(buffer, length, limit - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function assertRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  throw refused(path, `is ${kindOf(stats)}, not a file`, "Name the Dockerfile itself: image: Dockerfile");
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a directory";
  if (stats.isFIFO()) return "a FIFO";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

function textOf(path: string, bytes: Buffer): string {
  if (bytes.length > MAX_DOCKERFILE_BYTES) {
    throw refused(path, "is larger than 1 MiB", "Move data into files of their own, and COPY them");
  }
  if (bytes.includes(0)) throw refused(path, "is binary: it holds NUL bytes", "Name a text file in UTF-8");
  const text = decode(path, bytes);
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  if (lines.every((line) => line.trim() === "")) throw refused(path, "is empty", "Begin it with FROM IMAGE");
  if (lines.every((line) => line.trim() === "" || line.trimStart().startsWith("#"))) {
    throw refused(path, "holds comments only", "Add FROM IMAGE and the instructions");
  }
  return text;
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw refused(path, "is not text in UTF-8", "Save it in UTF-8", error);
  }
}

function outside(path: string, real: string, roots: readonly string[]): BuildError {
  const where = real === path ? "lies outside" : `leads to ${real}, outside`;
  return refused(
    path,
    `${where} ${roots.join(" and ")}`,
    "Keep the Dockerfile in the folder of the action, and no link out of it",
  );
}

function unreadable(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (error instanceof BuildError || typeof code !== "string") return error;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return refused(
        path,
        "does not exist",
        "Check the spelling, upper and lower case too, and that it is committed",
        error,
      );
    case "ELOOP":
      return refused(path, "is a symbolic link that leads in circles", "Replace the link by the file", error);
    case "EACCES":
    case "EPERM":
      return refused(path, "may not be read by the runner's user", "Make it readable: chmod a+r", error);
    case "ENXIO":
      return refused(path, "is a socket, not a file", "Name the Dockerfile itself: image: Dockerfile", error);
    default:
      return refused(path, `cannot be read (${code})`, "Check the disk of the runner", error);
  }
}

function refused(path: string, cause: string, remedy: string, error?: unknown): BuildError {
  return new BuildError("INVALID_REQUEST", `The Dockerfile ${JSON.stringify(path)} ${cause}`, {
    remedy,
    cause: error,
  });
}
