import { BuildError, isBuildError } from "@slipway/core";
import { type BytePath, shownPath, textOf } from "./byte-path.ts";

/** The bytes that arrived are not the ones that were sent. Sending again may help. */
export function damagedStream(what: string, cause?: unknown): BuildError {
  return new BuildError("CLUSTER_UNAVAILABLE", `The transfer of files was cut or damaged: ${what}`, {
    remedy:
      "Run the job again; if it recurs, look for a proxy between runner and API server that ends connections",
    cause,
  });
}

/** Details carry `changed: true`, so that a caller can tell that packing again may succeed. */
export function changedWhileRead(path: BytePath, cause?: unknown): BuildError {
  return new BuildError("CONTEXT_UNAVAILABLE", `${shownPath(path)} changed while it was read`, {
    remedy: "Let nothing write to these files while the step starts",
    details: { changed: true, path: textOf(path) },
    cause,
  });
}

export function isChange(error: unknown): boolean {
  return isBuildError(error) && error.details["changed"] === true;
}

/** It was listed a moment ago: whoever deletes files here now, or puts a folder, link, socket or FIFO in their place, is still at work. */
const GONE = ["ENOENT", "ENOTDIR", "EISDIR", "ELOOP", "ENXIO", "EAGAIN"];

/** A file to send cannot be read. */
export function unreadable(path: BytePath, cause: unknown): BuildError {
  const code = errnoOf(cause);
  if (GONE.includes(code)) return changedWhileRead(path, cause);
  return new BuildError("CONTEXT_UNAVAILABLE", `${shownPath(path)} cannot be read (${code})`, {
    remedy: "Make it readable for the user of the runner, or exclude it with .dockerignore",
    details: { path: textOf(path) },
    cause,
  });
}

/** A file that arrived cannot be written. */
export function unwritable(path: BytePath, cause: unknown): BuildError {
  const code = errnoOf(cause);
  const details = { path: textOf(path) };
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new BuildError("RESOURCE_EXHAUSTED", `There is no room left to write ${shownPath(path)}`, {
      remedy: "Give the volume more room, or send less",
      details,
      cause,
    });
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new BuildError("INVALID_CONFIG", `${shownPath(path)} cannot be written (${code})`, {
      remedy: "Give this user the right to write in the folder that holds it",
      details,
      cause,
    });
  }
  return new BuildError("INTERNAL", `${shownPath(path)} cannot be written (${code})`, {
    remedy: "Look at the file system that holds it: this is neither a lack of room nor of permission",
    details,
    cause,
  });
}

/** A change that could not be made here, and why. */
export interface Unapplied {
  readonly path: BytePath;
  readonly cause: unknown;
}

/** One error for all changes that could not be made; it names the first. At least one is needed. */
export function unapplied(failures: readonly Unapplied[]): BuildError {
  const [first, ...more] = failures;
  const error = unwritable(first?.path ?? "", first?.cause);
  if (more.length === 0) return error;
  return new BuildError(
    error.code,
    `${error.message}, nor can ${more.length} more of the files that the step changed`,
    {
      remedy: error.remedy,
      details: { ...error.details, count: failures.length },
      cause: first?.cause,
    },
  );
}

/** The code of a system error, or its message where it has none. */
export function errnoOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
