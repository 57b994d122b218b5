import { BuildError } from "@slipway/core";

/**
 * A path as the bytes that the file system keeps, one character per byte (latin1), without a leading slash.
 * File names on Linux are bytes, not text: a name that is not UTF-8 must come through unchanged, and
 * in this form comparing, splitting and sorting are plain string operations in byte order.
 */
export type BytePath = string;

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** The bytes of a path given as text. */
export function bytePath(text: string): BytePath {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

/** What the functions of node:fs take for this path. */
export function nativePath(path: BytePath): string | Buffer {
  return BEYOND_ASCII.test(path) ? Buffer.from(path, "latin1") : path;
}

/** The path as text; bytes that are not UTF-8 become U+FFFD. For predicates and, by `shownPath`, for people. */
export function textOf(path: BytePath): string {
  return BEYOND_ASCII.test(path) ? Buffer.from(path, "latin1").toString("utf8") : path;
}

/** The path for a message: on one line whatever the name holds, and not endless. */
export function shownPath(path: BytePath): string {
  const quoted = JSON.stringify(textOf(path));
  return quoted.length <= 300 ? quoted : `${quoted.slice(0, 150)}…${quoted.slice(-150)}`;
}

/** Joins two paths, either of which may be empty. */
export function joinPath(parent: BytePath, name: BytePath): BytePath {
  if (parent === "") return name;
  if (name === "") return parent;
  return parent.endsWith("/") ? parent + name : `${parent}/${name}`;
}

/** The folder that holds the path; "" is the root of the stream. */
export function parentPath(path: BytePath): BytePath {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** True for the prefix itself and for everything below it; "" is above all. */
export function isWithin(path: BytePath, prefix: BytePath): boolean {
  return prefix === "" || path === prefix || path.startsWith(`${prefix}/`);
}

// Also matches "//", a leading and a trailing slash: an empty part is as bad as "..".
const UNSAFE_PART = /(^|\/)(\.{0,2})(\/|$)/;

/** Throws INVALID_REQUEST unless the path, taken literally, stays below the folder it is joined to. */
export function assertInside(path: BytePath): void {
  if (path !== "" && !path.includes("\0") && !UNSAFE_PART.test(path)) return;
  throw new BuildError(
    "INVALID_REQUEST",
    `The file stream holds the path ${shownPath(path)}, which leads out of its folder`,
    {
      remedy: "Look for who else writes to this pod: the sender never makes such a path",
    },
  );
}
