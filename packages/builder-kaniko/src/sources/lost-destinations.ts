import { lstatSync } from "node:fs";
import { basename, join, posix } from "node:path";
import type { ContextView, FoundSource } from "./found-sources.ts";

/** Files that Kubernetes mounts into every container: Kaniko writes into those of its own pod, and keeps them out of the image. */
const LOST = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab", "/product_uuid"];

/** The first path that copying to `destination` would write to and that Kaniko would leave out. */
export function lostDestination(
  found: FoundSource,
  destination: string,
  { folder }: ContextView,
): string | undefined {
  if (found.kind === "file") {
    const target = destination.endsWith("/") ? `${destination}${basename(found.path)}` : destination;
    return LOST.find((lost) => lost === posix.resolve("/", target));
  }
  return LOST.find((lost) => {
    const below = posix.relative(destination, lost);
    return !below.startsWith("..") && exists(join(folder, found.real ?? found.path, below));
  });
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A path through a file.
    return false;
  }
}
