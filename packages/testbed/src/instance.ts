import { createHash } from "node:crypto";
import type { Folders } from "./folders.ts";

/** Names of what a test bed makes outside its folder. They differ by folder, so that two of them can run side by side. */
export interface Instance {
  /** Interface of the Docker network; at most 15 characters. */
  readonly bridge: string;
  /** Parent of the cgroups of all containers, in each hierarchy. */
  readonly cgroup: string;
}

export function instanceOf(folders: Folders): Instance {
  const id = createHash("sha256").update(folders.state).digest("hex").slice(0, 6);
  return { bridge: `slipway-${id}`, cgroup: `slipway-testbed-${id}` };
}
