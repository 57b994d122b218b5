import { mkdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, relative, resolve } from "node:path";
import { BuildError } from "@slipway/core";
import type { Mount } from "../protocol/hook-input.ts";

/** A folder of the runner that travels to the pod as a whole. */
export interface WorkTree {
  /** Its name in the pod's work volume. */
  readonly name: string;
  /** Absolute path on the runner. */
  readonly source: string;
  /** Nothing of it comes back. */
  readonly readOnly: boolean;
}

export interface WorkMount {
  /** Path in the work volume. */
  readonly subPath: string;
  /** Absolute path in the step's container. */
  readonly mountPath: string;
  readonly readOnly: boolean;
}

export interface WorkFolders {
  /** The runner's `_work`. */
  readonly workFolder: string;
  readonly trees: readonly WorkTree[];
  readonly mounts: readonly WorkMount[];
  /** Paths in the work volume that every user of an image must be able to write, such as the file behind GITHUB_OUTPUT. */
  readonly worldWritable: readonly string[];
}

const FILE_COMMANDS_FOLDER = "_runner_file_commands";
/** What this hook remembers from call to call and is too long for the runner's state. */
export const SLIPWAY_FOLDER = "_slipway";
/** In `_temp`, and the hook's own: no step has business there. */
export const OWN_FOLDERS: readonly string[] = ["_runner_hook_responses", SLIPWAY_FOLDER];
/** In `_temp`, and the runner goes through them by name. */
export const KEPT_FOLDERS: readonly string[] = [FILE_COMMANDS_FOLDER, "_github_home", "_github_workflow"];
const DOCKER_SOCKET = "/var/run/docker.sock";

/** Whether an absolute path of the runner is such a folder. */
export function isOwnFolder(path: string): boolean {
  return OWN_FOLDERS.includes(basename(path)) && basename(dirname(path)) === "_temp";
}

interface NamedMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/**
 * Which folders travel, and where the step sees them. A folder inside another one (`_temp/_github_home` in `_temp`) becomes a second
 * mount of the same copy, so that a file has one content under both of its paths, as with bind mounts.
 *
 * `workFolder` is the runner's `_work`. Throws INVALID_REQUEST for a volume that the user asks for from outside of it.
 */
export function planWorkFolders(
  systemMounts: readonly Mount[],
  userMounts: readonly Mount[],
  workFolder: string,
): WorkFolders {
  for (const mount of userMounts) refuseOutside(mount, workFolder);
  const named = [...systemMounts, ...userMounts]
    .filter((mount) => mount.target !== DOCKER_SOCKET)
    .map(normalised);
  const trees = treesOf(named);
  const mounts = named.map((mount) => placed(mount, trees));
  const commands = named.findIndex((mount) => basename(mount.source) === FILE_COMMANDS_FOLDER);
  const worldWritable = commands < 0 ? [] : [mounts[commands]?.subPath ?? ""];
  return { workFolder, trees, mounts, worldWritable };
}

/**
 * Makes the folders that are missing, so that every mount has something to show, and resolves links in their paths.
 * Throws INVALID_REQUEST when one of them is a file or cannot be made.
 */
export async function prepareWorkFolders(systemMounts: readonly Mount[]): Promise<Mount[]> {
  const wanted = systemMounts.filter((mount) => mount.target !== DOCKER_SOCKET);
  return Promise.all(
    wanted.map(async (mount) => ({ ...mount, source: await existingFolder(normalised(mount).source) })),
  );
}

async function existingFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
    const real = await realpath(path);
    if ((await stat(real)).isDirectory()) return real;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw refused(`The folder ${path} of the runner cannot be used: ${reason}`, cause);
  }
  throw refused(`${path} on the runner is not a folder`);
}

function normalised(mount: Mount): NamedMount {
  if (mount.source === undefined || !isAbsolute(mount.source)) {
    throw refused(
      `The volume for ${mount.target} has no folder on the runner (${mount.source ?? "anonymous volume"})`,
    );
  }
  return { source: resolve(mount.source), target: resolve(mount.target), readOnly: mount.readOnly };
}

function refuseOutside(mount: Mount, workFolder: string): void {
  if (
    mount.source === undefined ||
    !isAbsolute(mount.source) ||
    isInside(resolve(mount.source), resolve(workFolder))
  )
    return;
  throw outsideOfWork(mount.source, mount.target);
}

/** In the words of the official hook. */
export function outsideOfWork(source: string, target: string): BuildError {
  return refused(`Volume mounts outside of the work folder are not supported: ${source} for ${target}`);
}

function treesOf(mounts: readonly NamedMount[]): WorkTree[] {
  const sources = [...new Set(mounts.map((mount) => mount.source))];
  const roots = sources.filter((path) => !sources.some((other) => other !== path && isInside(path, other)));
  const taken = new Set<string>();
  return roots.map((source) => {
    const target = mounts.find((mount) => mount.source === source)?.target ?? source;
    const readOnly = mounts.every((mount) => mount.readOnly || !isInside(mount.source, source));
    return { name: freeName(basename(target), taken), source, readOnly };
  });
}

function freeName(wanted: string, taken: Set<string>): string {
  const base = wanted.replaceAll(/[^A-Za-z0-9._-]/g, "_").replace(/^\.+/, "") || "folder";
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base}-${count}`;
  taken.add(name);
  return name;
}

function placed(mount: NamedMount, trees: readonly WorkTree[]): WorkMount {
  const tree = trees.find(({ source }) => isInside(mount.source, source));
  if (tree === undefined) throw new BuildError("INTERNAL", `No folder holds ${mount.source}`);
  const inside = relative(tree.source, mount.source);
  return {
    subPath: inside === "" ? tree.name : `${tree.name}/${inside}`,
    mountPath: mount.target,
    readOnly: mount.readOnly,
  };
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

function refused(message: string, cause?: unknown): BuildError {
  return new BuildError("INVALID_REQUEST", message, {
    remedy: "Use folders below the runner's work folder; containers of a step see nothing else",
    cause,
  });
}
