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

/** The path as text; bytes that are not UTF-8 become U+FFFD. For predicates and messages. */
export function textOf(path: BytePath): string {
  return BEYOND_ASCII.test(path) ? Buffer.from(path, "latin1").toString("utf8") : path;
}

/** Joins two paths, either of which may be empty. */
export function joinPath(parent: BytePath, name: BytePath): BytePath {
  if (parent === "") return name;
  if (name === "") return parent;
  return parent.endsWith("/") ? parent + name : `${parent}/${name}`;
}

/** The folder that holds the path; "" is the root. */
export function parentPath(path: BytePath): BytePath {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** True for the prefix itself and for everything below it; "" is above all. */
export function isWithin(path: BytePath, prefix: BytePath): boolean {
  return prefix === "" || path === prefix || path.startsWith(`${prefix}/`);
}
