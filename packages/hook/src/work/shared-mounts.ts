import { join, relative } from "node:path";
import { outsideOfWork, type WorkFolders, type WorkMount } from "./work-folders.ts";
import type { SharedWork } from "./work-placement.ts";

/** Where the official hook of ARC's `kubernetes` mode shows the whole work folder, to steps as to jobs. */
const WHOLE_WORK_FOLDER = "/__w";

/**
 * The mounts of a container step as sub paths of the claim, and the work folder as a whole, whose paths the runner puts into inputs such as
 * `${{ github.workspace }}`. `realWorkFolder`: without links. Throws INVALID_REQUEST for a folder outside of it, which is not on the claim.
 */
export function sharedMounts(
  { trees, mounts }: WorkFolders,
  placement: SharedWork,
  realWorkFolder: string,
): readonly WorkMount[] {
  const placed = mounts.map((mount) => {
    const [name, ...rest] = mount.subPath.split("/");
    const source = join(trees.find((tree) => tree.name === name)?.source ?? "/", ...rest);
    const inside = relative(realWorkFolder, source);
    if (inside === ".." || inside.startsWith("../")) throw outsideOfWork(source, mount.mountPath);
    return { ...mount, subPath: [placement.subPath, inside].filter(Boolean).join("/") };
  });
  const whole = { subPath: placement.subPath, mountPath: WHOLE_WORK_FOLDER, readOnly: false };
  return placed.some(({ mountPath }) => mountPath === WHOLE_WORK_FOLDER) ? placed : [whole, ...placed];
}
