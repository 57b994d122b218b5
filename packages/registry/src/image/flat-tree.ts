import { type BytePath, joinPath, parentPath } from "@slipway/core";
import { type DefectRule, type ImageDefect, MAX_DEFECTS } from "./image-defect.ts";
import type { FileAttributes, ImageFile, LayerChange } from "./image-file.ts";
import { type Node, walk } from "./walk-folders.ts";

interface Place {
  readonly parent: Node;
  readonly name: string;
}

// One for all files: nothing is ever put into it.
const CHILDLESS = new Map<string, Node>();
const IMPLIED: FileAttributes = {
  type: "folder",
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0n,
  xattrs: new Map(),
};

function nameOf(path: BytePath): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A file system that layers are applied to, in memory. */
export class FlatTree {
  readonly defects: ImageDefect[] = [];
  readonly #root: Node = { file: IMPLIED, inode: 0, layer: -1, implied: true, children: new Map() };
  #layer = -1;
  #inodes = 0;
  /** Of this layer: folders that it needed and has not had yet. */
  readonly #implied: { readonly path: BytePath; readonly node: Node }[] = [];
  readonly #told = new Set<string>();

  beginLayer(index: number): void {
    this.#layer = index;
    this.#told.clear();
  }

  /** An entry of the folder may come after what is in it; now it is too late. */
  endLayer(): void {
    for (const { path, node } of this.#implied.splice(0))
      if (node.implied) this.#defect("missing-parent", path, "");
  }

  remove(path: BytePath): void {
    const place = this.#find(path);
    place?.parent.children.delete(place.name);
  }

  clear(path: BytePath): void {
    const place = path === "" ? undefined : this.#find(path);
    const folder = path === "" ? this.#root : place?.parent.children.get(place.name);
    folder?.children.clear();
  }

  put(path: BytePath, file: FileAttributes): void {
    const place = path === "" ? undefined : this.#make(path);
    if (place !== undefined) this.#putInto(place, file);
    else if (path === "") this.#putRoot(file);
  }

  link({ path, to, mode, uid, gid }: Extract<LayerChange, { kind: "hardlink" }>): void {
    const target = this.#find(to);
    const node = target?.parent.children.get(target.name);
    const usable = node !== undefined && node.file.type !== "folder";
    if (!usable) this.#defect("missing-link-target", path, `linked to /${to}`);
    const place = usable ? this.#make(path) : undefined;
    if (node === undefined || place === undefined) return;
    if (node.layer !== this.#layer) this.#defect("link-into-lower-layer", path, `linked to /${to}`);
    const { file, inode } = node;
    const sameMode = file.type === "symlink" || file.mode === mode;
    if (!sameMode || file.uid !== uid || file.gid !== gid)
      this.#defect("hard-link-attributes", path, `linked to /${to}`);
    place.parent.children.set(place.name, this.#node(file, inode));
  }

  files(): ReadonlyMap<BytePath, ImageFile> {
    const files = new Map<BytePath, ImageFile>();
    const add = (path: BytePath, { file, inode, children, implied }: Node): void => {
      if (path !== "" || !implied) files.set(path, { ...file, inode });
      for (const name of [...children.keys()].sort()) add(joinPath(path, name), children.get(name) as Node);
    };
    add("", this.#root);
    return files;
  }

  #putRoot(file: FileAttributes): void {
    this.#root.file = file;
    this.#root.implied = false;
    if (file.type !== "folder") this.#defect("parent-not-folder", "", `the root as a ${file.type}`);
  }

  /** A folder over a folder changes it and keeps what is in it; everything else takes its place. */
  #putInto({ parent, name }: Place, file: FileAttributes): void {
    const there = parent.children.get(name);
    const kept = file.type === "folder" && there?.file.type === "folder" ? there.children : undefined;
    // For `endLayer`: the folder has its entry now.
    if (there !== undefined) there.implied = false;
    parent.children.set(name, this.#node(file, this.#nextInode(), kept));
  }

  #node(file: FileAttributes, inode: number, children?: Map<string, Node>): Node {
    const empty = file.type === "folder" ? new Map<string, Node>() : CHILDLESS;
    return { file, inode, layer: this.#layer, implied: false, children: children ?? empty };
  }

  #nextInode(): number {
    this.#inodes += 1;
    return this.#inodes;
  }

  #defect(rule: DefectRule, path: BytePath, found: string): void {
    if (this.defects.length < MAX_DEFECTS)
      this.defects.push({ rule, path, found, ...(this.#layer < 0 ? {} : { layer: this.#layer }) });
  }

  /** Where a path is; undefined where a folder of it is not there. */
  #find(path: BytePath): Place | undefined {
    const parent = walk(this.#root, parentPath(path), { missing: () => undefined, link: () => undefined });
    return parent === undefined ? undefined : { parent, name: nameOf(path) };
  }

  /** Where a path goes, with the folders that it needs. */
  #make(path: BytePath): Place | undefined {
    const parent = walk(this.#root, parentPath(path), {
      missing: (folder, name, at) => this.#imply(folder, name, at),
      link: (node, at) => this.#tellLink(node, at),
    });
    if (parent === undefined) this.#defect("parent-not-folder", path, "");
    return parent === undefined ? undefined : { parent, name: nameOf(path) };
  }

  #imply(parent: Node, name: string, path: BytePath): Node {
    const node = { ...this.#node(IMPLIED, this.#nextInode()), implied: true };
    parent.children.set(name, node);
    this.#implied.push({ path, node });
    return node;
  }

  #tellLink({ layer, file }: Node, path: BytePath): void {
    if (layer === this.#layer || this.#told.has(path)) return;
    this.#told.add(path);
    this.#defect("parent-is-link", path, `linked to ${file.target}`);
  }
}
