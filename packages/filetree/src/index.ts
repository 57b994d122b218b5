export { type ApplyOptions, applyChanges } from "./apply-changes.ts";
export { packChanges } from "./pack-changes.ts";
export { packTree, type TextSource, type TreeSource } from "./pack-tree.ts";
export { formatSnapshot, parseSnapshot, snapshotTree, type TreeSnapshot } from "./snapshot-tree.ts";
export { packSourceChanges, snapshotSources } from "./source-changes.ts";
export type { PackSummary, TreeLimits, TreeSummary } from "./tree-summary.ts";
export { type UnpackOptions, unpackTree } from "./unpack-tree.ts";
export type { Include } from "./walk-tree.ts";
export type { Owner } from "./write-file.ts";
