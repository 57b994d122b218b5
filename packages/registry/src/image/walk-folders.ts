import { type BytePath, joinPath } from "@slipway/core";
import type { FileAttributes } from "./image-file.ts";

/** One path of a file system in memory. */
export interface Node {
  file: FileAttributes;
  readonly inode: number;
  /** Which layer put it there. */
  readonly layer: number;
  /** No layer has an entry for it. */
  implied: boolean;
  readonly children: Map<string, Node>;
}

export interface Walk {
  /** What to go on with where there is nothing; undefined ends the walk. */
  missing(parent: Node, name: string, path: BytePath): Node | undefined;
  /** A symlink on the way, which is followed. */
  link(node: Node, path: BytePath): void;
}

// As Linux does: more are a loop.
const MAX_LINKS = 40;
const MAX_DEPTH = 2048;
const LONGEST_TARGET = 4096;

/** The folder at `path`, by way of links that stay below the root, as in a container; undefined where there is none. */
export function walk(root: Node, path: BytePath, { missing, link }: Walk): Node | undefined {
  const stack = [{ node: root, path: "" }];
  const names = path.split("/").reverse();
  for (let links = 0; names.length > 0; ) {
    const name = names.pop() ?? "";
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (stack.length > 1) stack.pop();
      continue;
    }
    const parent = stack.at(-1) as { node: Node; path: BytePath };
    const at = joinPath(parent.path, name);
    const node = parent.node.children.get(name) ?? missing(parent.node, name, at);
    if (node?.file.type === "symlink") {
      const { target = "" } = node.file;
      links += 1;
      if (links > MAX_LINKS || target.length > LONGEST_TARGET) return undefined;
      link(node, at);
      if (target.startsWith("/")) stack.length = 1;
      names.push(...target.split("/").reverse());
    } else {
      if (node?.file.type !== "folder" || stack.length > MAX_DEPTH) return undefined;
      stack.push({ node, path: at });
    }
  }
  return stack.at(-1)?.node;
}
