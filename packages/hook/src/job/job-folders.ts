import { isAbsolute, resolve } from "node:path";
import type { V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import { WORK_VOLUME } from "../cluster/work-volume.ts";
import type { Mount } from "../protocol/hook-input.ts";
import { planWorkFolders, type WorkMount, type WorkTree } from "../work/work-folders.ts";
import type { WorkPlacement } from "../work/work-placement.ts";
import { jobWorkTree } from "../work/work-sync.ts";

export interface JobFolders {
  /** What the pod gets a copy of, in the copying placement. */
  readonly trees: readonly WorkTree[];
  /** Paths in the work volume that are mounted somewhere: they have to be there when containers start. */
  readonly subPaths: readonly string[];
  /** Of the job's container, and of each service. */
  readonly jobMounts: readonly V1VolumeMount[];
  readonly serviceMounts: readonly (readonly V1VolumeMount[])[];
  /** Empty ones, for volumes of the workflow that have a name or nothing. */
  readonly volumes: readonly V1Volume[];
}

export interface FoldersRequest {
  /** As the runner asks for the job's container; services see the same, as with the official hooks. */
  readonly systemMounts: readonly Mount[];
  readonly jobVolumes: readonly Mount[];
  readonly serviceVolumes: readonly (readonly Mount[])[];
}

const DOCKER_SOCKET = "/var/run/docker.sock";
/** The runner's externals, which have a volume of their own. */
export const EXTERNALS_PATH = "/__e";

/**
 * What the containers of a job see of the runner's folders, and where. A volume of the workflow that is a folder below `workFolder` is that
 * folder; one with a name is empty at first and the same in every container that names it, as with docker. Throws INVALID_REQUEST for a
 * folder outside of the work folder.
 */
export function planJobFolders(
  request: FoldersRequest,
  workFolder: string,
  placement: WorkPlacement,
): JobFolders {
  const volumes = new NamedVolumes();
  const system = systemFolders(request.systemMounts, workFolder);
  const planned = [request.jobVolumes, ...request.serviceVolumes].map((asked) => {
    const folders = asked.filter((mount) => isFolder(mount));
    const { trees, mounts } = planWorkFolders(system, folders, workFolder);
    const below = withoutRepeats(mounts.flatMap((mount) => placed(mount, placement)));
    const named = asked.filter((mount) => !isFolder(mount)).map((mount) => volumes.mount(mount));
    return { trees, below, mounts: [...below.map(toVolumeMount), ...named] };
  });
  const [job, ...services] = planned;
  return {
    trees: job?.trees ?? [],
    subPaths: [...new Set(planned.flatMap(({ below }) => below.map(({ subPath }) => subPath)))],
    jobMounts: job?.mounts ?? [],
    serviceMounts: services.map(({ mounts }) => mounts),
    volumes: volumes.all,
  };
}

/** The folders of the runner that have to exist for it. */
export function foldersOf(request: FoldersRequest, workFolder: string): Mount[] {
  const asked = [...request.jobVolumes, ...request.serviceVolumes.flat()].filter(isFolder);
  return [...systemFolders(request.systemMounts, workFolder), ...asked];
}

function systemFolders(mounts: readonly Mount[], workFolder: string): Mount[] {
  const { name, source } = jobWorkTree(workFolder);
  const target = `/${name}`;
  const others = mounts.filter(
    (mount) => ![DOCKER_SOCKET, EXTERNALS_PATH, target].includes(resolve(mount.target)),
  );
  return [{ source, target, readOnly: false }, ...others];
}

function isFolder({ source }: Mount): boolean {
  return source !== undefined && isAbsolute(source);
}

/** Nothing outside of the work folder lies on the claim: a tool cache elsewhere is not there for the job, as with the official hook. */
function placed(mount: WorkMount, placement: WorkPlacement): WorkMount[] {
  if (placement.kind === "copy") return [mount];
  const [tree, ...rest] = mount.subPath.split("/");
  if (tree !== jobWorkTree("").name) return [];
  return [{ ...mount, subPath: [placement.subPath, ...rest].filter(Boolean).join("/") }];
}

/** `/__w/_temp` need not be mounted where `/__w` shows it already. */
function withoutRepeats(mounts: readonly WorkMount[]): WorkMount[] {
  return mounts.filter((mount) => !mounts.some((other) => shows(other, mount)));
}

function shows(outer: WorkMount, inner: WorkMount): boolean {
  if (outer === inner || outer.readOnly !== inner.readOnly) return false;
  if (!inner.mountPath.startsWith(`${outer.mountPath}/`)) return false;
  const rest = inner.mountPath.slice(outer.mountPath.length + 1);
  return inner.subPath === [outer.subPath, rest].filter(Boolean).join("/");
}

function toVolumeMount({ subPath, mountPath, readOnly }: WorkMount): V1VolumeMount {
  return {
    name: WORK_VOLUME,
    mountPath,
    ...(subPath === "" ? {} : { subPath }),
    ...(readOnly ? { readOnly: true } : {}),
  };
}

class NamedVolumes {
  readonly #names = new Map<string, string>();
  #count = 0;

  get all(): V1Volume[] {
    return Array.from({ length: this.#count }, (_, index) => ({ name: `volume-${index}`, emptyDir: {} }));
  }

  mount({ source, target, readOnly }: Mount): V1VolumeMount {
    const name = (source === undefined ? undefined : this.#names.get(source)) ?? this.#add(source);
    return { name, mountPath: target, ...(readOnly ? { readOnly: true } : {}) };
  }

  #add(source: string | undefined): string {
    const name = `volume-${this.#count}`;
    this.#count += 1;
    if (source !== undefined) this.#names.set(source, name);
    return name;
  }
}
