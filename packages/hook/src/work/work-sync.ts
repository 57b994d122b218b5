import { mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { BuildError } from "@slipway/core";
import {
  applyChanges,
  findSourceChanges,
  type PackSummary,
  packTree,
  snapshotSources,
  type TreeSnapshot,
  type TreeSource,
} from "@slipway/filetree";
import { completedActions, newActions } from "./action-folders.ts";
import { withReturnRoots } from "./return-roots.ts";
import { SentFiles } from "./sent-files.ts";
import { isOwnFolder, SLIPWAY_FOLDER, type WorkTree } from "./work-folders.ts";

/** The runner's `_work` in the streams of a job, and in the work volume of its pod. */
export function jobWorkTree(workFolder: string): WorkTree {
  return { name: "__w", source: workFolder, readOnly: false };
}

/** Where a job's `WorkSync` remembers what was sent: nothing of that folder travels. */
export function rememberedFile(workFolder: string): string {
  return join(workFolder, "_temp", SLIPWAY_FOLDER, "sent");
}

export interface WorkSyncOptions {
  /** Folders of the runner that the job's pod has a copy of; one of them holds `workFolder`. */
  readonly trees: readonly WorkTree[];
  /** The runner's `_work`. */
  readonly workFolder: string;
  /** File below `_temp/_slipway`; see `rememberedFile`. */
  readonly remembered: string;
}

export interface ApplyOptions {
  /** Paths in the stream that may come back, all of them folders; anything else in it is an error. */
  readonly only: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** What people should know though nothing failed. May quote names of files. */
  readonly onNotice: (text: string) => void;
}

/**
 * The runner's side of the copying placement: which of its files the job's pod does not have yet, and taking in what the pod changed. During
 * a job the runner writes below `_temp` and `_actions` only, so nothing else is looked at after the first transfer. Knows by a file what was
 * sent, so that each call of the hook can go on; INVALID_REQUEST where that file is missing or damaged.
 */
export class WorkSync {
  readonly #trees: readonly WorkTree[];
  readonly #workFolder: string;
  readonly #sent: SentFiles;
  /** What the last stream carried, for `confirm`. */
  #packed: TreeSnapshot | undefined;
  readonly #alsoWatched: { readonly source: TreeSource; readonly before: TreeSnapshot }[] = [];

  constructor({ trees, workFolder, remembered }: WorkSyncOptions) {
    this.#trees = trees;
    this.#workFolder = workFolder;
    this.#sent = new SentFiles(remembered);
  }

  /** Everything, but for what is the hook's own. Needs no memory of earlier calls. Throws as packTree does. */
  all(): AsyncGenerator<Buffer, PackSummary> {
    // Before the files are read: one that is written meanwhile is then not as it is remembered, and goes again.
    this.#packed = snapshotSources([this.#temp(), this.#actions(completedActions)]);
    return packTree(this.#trees.map((tree) => this.#source(tree.source)));
  }

  /**
   * Has `pending` send what changes in this folder from now on, too: for a call that brings files itself to where the runner does not write.
   * This is not remembered from call to call.
   */
  watch(folder: string): void {
    const source = this.#source(folder);
    this.#alsoWatched.push({ source, before: snapshotSources([source]) });
  }

  /** What is new on the runner since what was confirmed last; undefined where nothing is. Each call makes a stream of its own. */
  pending(): AsyncGenerator<Buffer, PackSummary> | undefined {
    const sent = this.#sent.read();
    const actions = snapshotSources([this.#actions(completedActions)]);
    const temp = this.#temp();
    const changes = findSourceChanges(
      [
        temp,
        this.#actions((folder, to) => newActions(folder, to, sent, actions)),
        ...this.#alsoWatched.map(({ source }) => source),
      ],
      union([sent, ...this.#alsoWatched.map(({ before }) => before)]),
    );
    const inTemp = [...changes.now].filter(([path]) => path === temp.to || path.startsWith(`${temp.to}/`));
    this.#packed = union([new Map(inTemp), actions]);
    return changes.isEmpty ? undefined : changes.pack();
  }

  /** What `all` or `pending` packed last has arrived. */
  confirm(): void {
    if (this.#packed !== undefined) this.#sent.write(this.#packed);
    this.#packed = undefined;
  }

  /** Brings the runner's folders up to date with what changed in the pod, whole or not at all. Throws as applyChanges does. */
  async apply(stream: AsyncIterable<Buffer>, { only, onNotice, signal }: ApplyOptions): Promise<void> {
    const sent = this.#sent.read();
    const folders = only.map((path) => ({ path, folder: this.#folderOf(path) }));
    for (const { folder } of folders) mkdirSync(folder, { recursive: true });
    const touched = folders
      .filter(({ path }) => this.#isWatched(path))
      .map(({ folder }) => this.#source(folder));
    const before = snapshotSources(touched);
    const returned = folders.map(({ path, folder }) => ({ name: path, source: folder }));
    const { leftOut } = await withReturnRoots(returned, this.#workFolder, (roots) =>
      applyChanges(stream, roots, { signal }),
    );
    for (const path of leftOut)
      onNotice(`${path} was written to all the time while it was read; the runner keeps what it had of it`);
    const after = snapshotSources(touched);
    // Only what has just come: what waits here to be sent has not been sent by that.
    if (!isSame(before, after)) this.#sent.write(merged(sent, before, after));
  }

  /** The path in streams of a folder of the runner. Throws INVALID_REQUEST for one that the pod has no copy of. */
  pathOf(folder: string): string {
    const tree = this.#trees.find(({ source }) => folder === source || folder.startsWith(`${source}/`));
    if (tree !== undefined) return [tree.name, relative(tree.source, folder)].filter(Boolean).join("/");
    throw new BuildError("INVALID_REQUEST", `The job's pod has no copy of ${folder}`, {
      remedy: `Use folders below the runner's work folder ${this.#workFolder}`,
    });
  }

  #folderOf(path: string): string {
    const tree = this.#trees.find(({ name }) => path === name || path.startsWith(`${name}/`));
    if (tree !== undefined) return join(tree.source, path.slice(tree.name.length));
    throw new BuildError("INTERNAL", `No folder of the runner stands for ${path}`);
  }

  #temp(): TreeSource {
    return this.#source(this.#made(TEMP));
  }

  #actions(sourceOf: (folder: string, to: string) => TreeSource): TreeSource {
    const folder = this.#made(ACTIONS);
    return sourceOf(folder, this.pathOf(folder));
  }

  #made(name: string): string {
    const folder = join(this.#workFolder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  #isWatched(path: string): boolean {
    const watched = [TEMP, ACTIONS].map((name) => this.pathOf(join(this.#workFolder, name)));
    return watched.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  }

  #source(folder: string): TreeSource {
    return { from: folder, to: this.pathOf(folder), include: (path) => !isOwnFolder(`${folder}/${path}`) };
  }
}

/** The folders that the runner writes to. */
const TEMP = "_temp";
const ACTIONS = "_actions";

function union(snapshots: readonly TreeSnapshot[]): TreeSnapshot {
  return new Map(snapshots.flatMap((snapshot) => [...snapshot]));
}

function isSame(a: TreeSnapshot, b: TreeSnapshot): boolean {
  return a.size === b.size && [...a].every(([path, signature]) => b.get(path) === signature);
}

/** `sent`, with the difference between two looks at a part of it. */
function merged(sent: TreeSnapshot, before: TreeSnapshot, after: TreeSnapshot): TreeSnapshot {
  const result = new Map(sent);
  for (const path of before.keys()) if (!after.has(path)) result.delete(path);
  for (const [path, signature] of after) if (before.get(path) !== signature) result.set(path, signature);
  return result;
}
