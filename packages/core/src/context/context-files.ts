import { constants } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { BuildError } from "../errors.ts";
import { parseDockerIgnore } from "./docker-ignore.ts";

/**
 * Which entries of the folder belong to the context; `path` is relative, with forward slashes. `"inside"`, for a
 * folder, means: ignored itself, but an exception may take something in it back, and then the folder comes along.
 */
export type IncludePath = (path: string, isDirectory: boolean) => boolean | "inside";

export interface ContextFiles {
  readonly include: IncludePath;
  /** The file that the rules come from, relative to the context; undefined where there is none. */
  readonly ignoreFile: string | undefined;
}

const MAX_IGNORE_FILE_BYTES = 1024 * 1024;

/**
 * Reads which files of a folder Docker would send: `<Dockerfile>.dockerignore` beside the Dockerfile, else
 * `.dockerignore` in the root (Dockerfile reference, ".dockerignore file").
 *
 * `dockerfile` is relative to the context. Throws INVALID_REQUEST for a file with a pattern that Docker refuses.
 */
export async function contextFiles(context: string, dockerfile: string): Promise<ContextFiles> {
  for (const ignoreFile of [`${dockerfile}.dockerignore`, ".dockerignore"]) {
    const text = await textOf(join(context, ignoreFile), ignoreFile);
    if (text !== undefined) return { ignoreFile, include: includeBy(text, ignoreFile) };
  }
  return { ignoreFile: undefined, include: () => true };
}

function includeBy(text: string, ignoreFile: string): IncludePath {
  const rules = parseDockerIgnore(text, ignoreFile);
  return (path, isDirectory) => {
    if (!rules.ignores(path)) return true;
    return isDirectory && rules.mayHoldExceptions(path) ? "inside" : false;
  };
}

async function textOf(path: string, name: string): Promise<string | undefined> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw unusable(name, "it is not a file");
    if (stats.size > MAX_IGNORE_FILE_BYTES) throw unusable(name, "it is larger than 1 MiB");
    // Should it be a FIFO by now, this keeps the read from waiting for somebody to write.
    return await readFile(path, { encoding: "utf8", flag: constants.O_RDONLY | constants.O_NONBLOCK });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error instanceof BuildError ? error : unusable(name, `it cannot be read (${String(code)})`, error);
  }
}

function unusable(name: string, why: string, cause?: unknown): BuildError {
  return new BuildError("INVALID_REQUEST", `${name} cannot be used: ${why}`, {
    remedy: "Make it a readable text file, or remove it",
    cause,
  });
}
