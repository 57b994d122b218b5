import type { BytePath } from "@slipway/core";
import type { DefectRule } from "./image-defect.ts";

/** A name of an archive as a path below the root; `defect` where it is not well-formed, `path` where it is usable all the same. */
export interface EntryPath {
  readonly path?: BytePath;
  readonly defect?: DefectRule;
}

// Linux, limits.h: PATH_MAX and NAME_MAX.
const LONGEST_PATH = 4096;
const LONGEST_NAME = 255;

/** Takes `./`, double and trailing slashes as unpackers do. The root may be called "." or "/", as Kaniko does. */
export function entryPath(name: BytePath): EntryPath {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  const unsafe = name === "" || name.length > LONGEST_PATH || name.includes("\0") || parts.includes("..");
  if (unsafe || parts.some((part) => part.length > LONGEST_NAME)) return { defect: "unsafe-name" };
  const path = parts.join("/");
  return name.startsWith("/") && path !== "" ? { path, defect: "absolute-name" } : { path };
}
