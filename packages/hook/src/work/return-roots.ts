import { lstatSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { BuildError } from "@slipway/core";
import { KEPT_FOLDERS, OWN_FOLDERS } from "./work-folders.ts";

/** A folder of the runner that takes what comes back for a path of the stream. */
export interface ReturnFolder {
  /** Path in the stream. */
  readonly name: string;
  /** Absolute path on the runner. */
  readonly source: string;
}

/**
 * Where what a pod sends belongs on the runner, while `use` runs. Folders that the runner itself goes through (`_temp/_github_home`, …) are
 * roots of their own, for a root is neither replaced nor deleted: a step could otherwise put a link in their place, and the runner would write
 * through it. What is the hook's own leads to a folder that is thrown away. Throws INVALID_REQUEST for a folder that is reached through a link.
 */
export async function withReturnRoots<T>(
  folders: readonly ReturnFolder[],
  workFolder: string,
  use: (roots: ReadonlyMap<string, string>) => Promise<T>,
): Promise<T> {
  const nowhere = mkdtempSync(join(tmpdir(), "slipway-"));
  try {
    return await use(rootsOf(folders, workFolder, nowhere));
  } finally {
    rmSync(nowhere, { recursive: true, force: true });
  }
}

function rootsOf(folders: readonly ReturnFolder[], workFolder: string, nowhere: string): Map<string, string> {
  const real = folders.map(({ name, source }) => ({ name, source: directly(source, workFolder) }));
  const temp = join(realpathSync(workFolder), "_temp");
  const kept = KEPT_FOLDERS.map((name) => join(temp, name)).filter(isFolder);
  const own = OWN_FOLDERS.map((name) => join(temp, name));
  const roots = new Map(real.map(({ name, source }) => [name, source]));
  for (const folder of real) {
    for (const path of kept.filter((each) => isBelow(each, folder.source)))
      roots.set(placeIn(folder, path), path);
    for (const path of own.filter((each) => isBelow(each, folder.source)))
      roots.set(placeIn(folder, path), nowhere);
  }
  return roots;
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** The path in the stream of something below the folder. */
function placeIn({ name, source }: ReturnFolder, path: string): string {
  return `${name}/${relative(source, path)}`;
}

/** The folder, with links above the work folder resolved; links below it are the doing of a step. */
function directly(folder: string, workFolder: string): string {
  const [real, realWork] = [realpathSync(folder), realpathSync(workFolder)];
  const inside = isBelow(folder, realWork) ? relative(realWork, folder) : relative(workFolder, folder);
  // Folders elsewhere are the operator's choice, and no step writes beside them.
  if (inside.startsWith("..") || real === join(realWork, inside)) return real;
  throw new BuildError("INVALID_REQUEST", `The runner's folder ${folder} leads elsewhere through a link`, {
    remedy: "Let no step replace folders of the runner by links",
  });
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
