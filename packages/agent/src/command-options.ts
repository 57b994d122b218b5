import { BuildError, type RegistryTrust } from "@slipway/core";
import type { Owner } from "@slipway/filetree";

/** Where the agent keeps what its containers share. Other places are for tests. */
export interface AgentPlaces {
  /** The volume `agent`, which only trusted containers mount; /slipway when left out. */
  readonly home?: string;
}

/** `receive`: the first container of a pod. */
export interface ReceiveOptions extends AgentPlaces {
  readonly timeoutSeconds: number;
  /** Volumes that must be mounted. */
  readonly folders?: readonly string[];
  /** /dev/termination-log when left out. */
  readonly terminationLog?: string;
}

/** `unpack`: exec in `receive`, a tree stream on its standard input. */
export interface UnpackCommandOptions extends AgentPlaces {
  /** The how manieth try to send these files it is; a later one ends earlier ones. */
  readonly attempt: number;
  /** Emptied first, so that a transfer that broke can be repeated. */
  readonly into: string;
  /** File that remembers what was unpacked, for `changes`. */
  readonly snapshot?: string;
  readonly owner?: Owner;
  /** Prefixes in the stream below which every user of the pod may write. */
  readonly worldWritable?: readonly string[];
}

/** `changes`: exec in `sync`, a tree stream on its standard output. */
export interface ChangesOptions {
  readonly root: string;
  readonly snapshot: string;
  /** Prefixes to look at; everything when left out. */
  readonly only?: readonly string[];
}

/** `hold`: the main process of `sync`. */
export interface HoldOptions {
  readonly timeoutSeconds: number;
  readonly terminationLog?: string;
}

/** `install`: the first container of a job pod. */
export interface InstallOptions extends AgentPlaces {
  /** Mount point of the volume `runtime`. */
  readonly runtime: string;
  /** Folders that mounts of other containers need to be there; any user may write to those that are new. */
  readonly folders: readonly string[];
  readonly terminationLog?: string;
}

/** `supervise`: the main process of `job`. */
export interface SuperviseOptions {
  /** Where `serve` listens; /__slipway/io/supervisor.sock when left out. */
  readonly socket?: string;
  /** How long to wait for `serve`; 300 when left out. */
  readonly timeoutSeconds?: number;
  readonly terminationLog?: string;
}

/** `serve`: the main process of `sync` in a job pod. */
export interface ServeOptions extends AgentPlaces {
  /** The runner's own programs in this image. */
  readonly externals: string;
  /** The volume that `install` filled. */
  readonly runtime: string;
  /** The work volume; undefined where it is shared with the runner, which needs no copies. */
  readonly work?: string;
  readonly terminationLog?: string;
}

/** `session`: exec in `sync`, frames on its standard input and output. */
export type SessionOptions = AgentPlaces;

/** `push`: the main process of `push`. */
export interface PushCommandOptions {
  /** Folder of the OCI layout, made by somebody untrusted. */
  readonly layout: string;
  readonly destinations: readonly string[];
  /** A mounted config.json of Docker; /slipway-auth/config.json when left out. */
  readonly auth?: string;
  readonly trust?: RegistryTrust;
  readonly maxBytes: number;
  readonly terminationLog?: string;
}

/** What is on the command line after the command's name. Both ends are one version of Slipway: the shape is trusted. */
export function parseOptions(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch (error) {
    throw new BuildError("INTERNAL", "The options of the agent are not JSON", {
      remedy: "Start it as the pod specification of Slipway does",
      cause: error,
    });
  }
}
