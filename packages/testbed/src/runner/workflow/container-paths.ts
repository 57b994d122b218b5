import { join } from "node:path";
import type { WorkLayout } from "../work-layout.ts";

/** A folder of the runner's that the job container sees elsewhere. */
export interface Mount {
  readonly userProvidedValue: string | null;
  readonly sourceVolumePath: string | null;
  readonly targetVolumePath: string;
  readonly readOnly: boolean;
}

const EXTERNALS = "/home/runner/externals";

/** System mounts of the job container, in the runner's order (actions/runner, ContainerOperationProvider, MountWellKnownDirectories). */
export function jobMounts(layout: WorkLayout): Mount[] {
  const mount = (sourceVolumePath: string, targetVolumePath: string, readOnly = false): Mount => ({
    userProvidedValue: null,
    sourceVolumePath,
    targetVolumePath,
    readOnly,
  });
  return [
    mount("/var/run/docker.sock", "/var/run/docker.sock"),
    mount(layout.root, "/__w"),
    mount(EXTERNALS, "/__e", true),
    mount(layout.temp, "/__w/_temp"),
    mount(layout.actions, "/__w/_actions"),
    mount(join(layout.root, "_tool"), "/__w/_tool"),
    mount(layout.home, "/github/home"),
    mount(layout.workflow, "/github/workflow"),
  ];
}

/** A path of the runner's as the job container sees it; anything else stays as it is. Only whole values and what starts with a mapped folder. */
export function inJobContainer(layout: WorkLayout, value: string): string {
  const mappings: readonly (readonly [string, string])[] = [
    [layout.workflow, "/github/workflow"],
    [layout.home, "/github/home"],
    [layout.root, "/__w"],
    [EXTERNALS, "/__e"],
  ];
  const found = mappings.find(([folder]) => value === folder || value.startsWith(`${folder}/`));
  return found === undefined ? value : found[1] + value.slice(found[0].length);
}
