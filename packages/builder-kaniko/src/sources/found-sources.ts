import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { join, posix } from "node:path";
import { filePattern, type IncludePath, isFilePattern } from "@slipway/core";

/** The context as Docker sees it: its folder is the root of all paths, links included. */
export interface ContextView {
  readonly folder: string;
  /** What `.dockerignore` leaves in. */
  readonly include: IncludePath;
}

/** Something in the context that a source names, or that its pattern matches. */
export interface FoundSource {
  /** As the source names it, from the root of the context. */
  readonly path: string;
  /** Where it really is: other than `path` when that leads through a symbolic link. Undefined when it leads to nothing. */
  readonly real: string | undefined;
  /** Of what is there. */
  readonly kind: "file" | "folder" | "other";
}

/** What a source of COPY or ADD names; nothing where it names nothing. */
export function findSources(source: string, context: ContextView): readonly FoundSource[] {
  const path = fromRoot(source);
  const paths = isFilePattern(path) ? matchesOf(path, context) : [path.replace(/\\(.)/gs, "$1")];
  return paths.map((one) => foundAt(one, context)).filter((found) => found !== undefined);
}

function foundAt(path: string, context: ContextView): FoundSource | undefined {
  const { real, linked } = follow(path, context);
  const stats = real === undefined ? undefined : includedAt(real, context);
  if (stats === undefined) return linked ? { path, real: undefined, kind: "other" } : undefined;
  return { path, real, kind: stats.isDirectory() ? "folder" : stats.isFile() ? "file" : "other" };
}

function matchesOf(pattern: string, context: ContextView): readonly string[] {
  let found: readonly string[] = [""];
  for (const part of pattern.split("/")) {
    const fits = filePattern(part);
    found = found.flatMap((folder) =>
      namesIn(folder, context)
        .filter(fits)
        .map((name) => posix.join(folder, name)),
    );
  }
  return found;
}

function namesIn(folder: string, context: ContextView): readonly string[] {
  const { real } = follow(folder, context);
  if (real === undefined || statsOf(real, context)?.isDirectory() !== true) return [];
  const names = readdirSync(join(context.folder, real)).sort();
  return names.filter((name) => includedAt(posix.join(real, name), context) !== undefined);
}

/** As many as Linux follows in one path. */
const MAX_LINKS = 40;

/** Follows every link in a path; `real` is undefined where they go round in circles, or lead through a file. */
export function follow(
  path: string,
  context: ContextView,
): { readonly real: string | undefined; readonly linked: boolean } {
  let rest = partsOf(path);
  let real = "";
  let links = 0;
  while (rest.length > 0) {
    const [part = "", ...others] = rest;
    const next = fromRoot(`${real}/${part}`);
    const stats = statsOf(next, context);
    if (stats?.isSymbolicLink() !== true) {
      if (stats?.isFile() === true && others.length > 0) return { real: undefined, linked: links > 0 };
      real = next;
      rest = others;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return { real: undefined, linked: true };
    const target = readlinkSync(join(context.folder, next));
    if (target.startsWith("/")) real = "";
    rest = [...partsOf(target), ...others];
  }
  return { real, linked: links > 0 };
}

function includedAt(path: string, context: ContextView): Stats | undefined {
  const stats = statsOf(path, context);
  const included =
    path === "" || (stats !== undefined && context.include(path, stats.isDirectory()) !== false);
  return included ? stats : undefined;
}

function statsOf(path: string, { folder }: ContextView): Stats | undefined {
  try {
    return lstatSync(join(folder, path), { throwIfNoEntry: false });
  } catch {
    // A path through a file.
    return undefined;
  }
}

/** Without `.` and `..`, which lead nowhere at the root. */
function fromRoot(path: string): string {
  return posix.join("/", path).replace(/^\/|\/$/g, "");
}

function partsOf(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
