import { lstatSync } from "node:fs";
import { basename, join, posix } from "node:path";
import type { ContextView, FoundSource } from "./found-sources.ts";

/** What Kaniko keeps out of every image: its own folder, what Kubernetes mounts into every container, the kernel's folders. */
const LOST = [
  "/kaniko",
  "/proc",
  "/sys",
  "/dev",
  "/etc/hosts",
  "/etc/hostname",
  "/etc/resolv.conf",
  "/etc/mtab",
  "/product_uuid",
];

/** The first path that copying to `destination` would write to and that Kaniko would leave out. */
export function lostDestination(
  found: FoundSource,
  destination: string,
  { folder }: ContextView,
): string | undefined {
  const isFile = found.kind === "file";
  const target = isFile && destination.endsWith("/") ? `${destination}${basename(found.path)}` : destination;
  const at = posix.resolve("/", target);
  const whole = LOST.find((lost) => isAtOrBelow(at, lost));
  if (whole !== undefined || isFile) return whole === undefined ? undefined : at;
  return LOST.filter((lost) => isAtOrBelow(lost, at)).find((lost) =>
    exists(join(folder, found.real ?? found.path, posix.relative(at, lost))),
  );
}

function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A path through a file.
    return false;
  }
}
