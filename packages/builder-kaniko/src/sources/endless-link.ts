import { readdirSync, readlinkSync } from "node:fs";
import { join, posix } from "node:path";
import { type ContextView, type FoundSource, follow } from "./found-sources.ts";

/**
 * A symbolic link in a folder that goes round in circles, or leads through a file: with the first one that it meets
 * Kaniko stops to note what it has copied, and the image lacks the files after it. Where an absolute link leads, only the
 * image tells.
 */
export function endlessLink(found: FoundSource, context: ContextView): string | undefined {
  if (found.kind !== "folder" || found.real === undefined) return undefined;
  for (const link of linksBelow(found.real, context)) {
    const target = readlinkSync(join(context.folder, link));
    if (!target.startsWith("/") && follow(link, context).real === undefined) return link;
  }
  return undefined;
}

function* linksBelow(folder: string, context: ContextView): Generator<string> {
  for (const entry of readdirSync(join(context.folder, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (context.include(path, entry.isDirectory()) === false) continue;
    if (entry.isSymbolicLink()) yield path;
    if (entry.isDirectory()) yield* linksBelow(path, context);
  }
}
