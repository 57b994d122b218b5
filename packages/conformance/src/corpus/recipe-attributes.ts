/** The time of every entry of every context and archive that names none. */
export const PINNED_TIME = new Date("2024-01-02T03:04:05Z");

interface AttributeRecipe {
  readonly type: string;
  readonly mode?: string;
  readonly owner?: string;
  readonly mtime?: string;
}

export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Date;
}

/** What the recipe says, and the pinned defaults for the rest: 0644, 0755 for folders, 0:0. */
export function attributesOf({ type, mode, owner, mtime }: AttributeRecipe): Attributes {
  const [uid = 0, gid = 0] = (owner ?? "0:0").split(":").map(Number);
  return {
    mode: mode === undefined ? (type === "folder" ? 0o755 : 0o644) : Number.parseInt(mode, 8),
    uid,
    gid,
    mtime: mtime === undefined ? PINNED_TIME : new Date(mtime),
  };
}
