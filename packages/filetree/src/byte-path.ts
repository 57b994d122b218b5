import { BuildError, type BytePath, textOf } from "@slipway/core";

export { type BytePath, bytePath, isWithin, joinPath, parentPath, textOf } from "@slipway/core";

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** What the functions of node:fs take for this path. */
export function nativePath(path: BytePath): string | Buffer {
  return BEYOND_ASCII.test(path) ? Buffer.from(path, "latin1") : path;
}

/** The path for a message: on one line whatever the name holds, and not endless. */
export function shownPath(path: BytePath): string {
  const quoted = JSON.stringify(textOf(path));
  return quoted.length <= 300 ? quoted : `${quoted.slice(0, 150)}…${quoted.slice(-150)}`;
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
