import type { BuildError, BuildRequest, BuildSession, BuiltImage } from "@slipway/core";

/** Where a `build` container finds its input and leaves its output. Below /kaniko, because Kaniko leaves that out of every image. */
export const BUILD_PATHS = {
  /** The files of the context, `.dockerignore` applied. */
  context: "/kaniko/input/context",
  /** The Dockerfile, outside the context; beside it an empty `.dockerignore` of its own, so that no builder applies rules twice. */
  dockerfile: "/kaniko/input/Dockerfile",
  /** Folder of the certificates to trust beside the image's own; empty when there are none. */
  ca: "/kaniko/input/ca",
  caFile: "/kaniko/input/ca/registry-ca.pem",
  /** The OCI image layout to write (OCI image specification, image-layout.md). */
  layout: "/kaniko/output/image",
} as const;

/** Quantities as Kubernetes writes them, such as `{ cpu: "2", memory: "4Gi" }`. */
export interface Resources {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

/** The untrusted container, as plain data: golden files show it. */
export interface LayoutContainer {
  readonly image: string;
  /** The image's entry point when left out. Words, never a shell line; `$` means itself. */
  readonly command?: readonly string[];
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Capabilities to add to none; Pod Security `baseline` has the list of those allowed. */
  readonly capabilities: readonly string[];
  /** What the settings say when left out. */
  readonly resources?: Resources;
  /** A `kubernetes.io/dockerconfigjson` Secret for pulling base images. Whatever is in it, the Dockerfile can read. */
  readonly pullSecret?: { readonly name: string; readonly mountPath: string };
}

/**
 * A daemon that `build` talks to, as plain data. Its container is privileged, which no namespace allows whose Pod Security is stricter than
 * `privileged`; it starts after `receive`, `build` starts when it is ready, and it is there until the pod ends. So a program that runs
 * what a Dockerfile says has to end before `build` does, by an agreement of the two over `sharedFolder`.
 */
export interface LayoutDaemon {
  readonly image: string;
  /** Words, never a shell line; `$` means itself. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** User and group; 0 when left out. */
  readonly user?: number;
  /** The pod gets users of its own: its root is nobody on the node (Kubernetes documentation, "User Namespaces"). */
  readonly ownUsers?: boolean;
  /** What the settings say of `build` when left out: it is here that the work is done. */
  readonly resources?: Resources;
  /** Exits with 0 as soon as the daemon takes orders, which it has to within `seconds`. */
  readonly ready: { readonly command: readonly string[]; readonly seconds: number };
  /** Where daemon and `build` see a folder that nobody else does: for the socket. */
  readonly sharedFolder: string;
  /** A folder on the node's disk, of a size such as `20Gi`, that goes with the pod. */
  readonly storage: { readonly mountPath: string; readonly size: string };
  /** Names of settings for remedies. */
  readonly settingNames?: { readonly memory?: string; readonly storage?: string };
  /** Says what it means that the daemon ended, or did not get ready in time. */
  classify(failure: DaemonFailure): BuildError;
}

/** How a daemon ended that should not have. */
export interface DaemonFailure extends ContainerFailure {
  /** Whether `build` had begun, which it does when the daemon is ready. */
  readonly wasReady: boolean;
  /** How long it ran; at least the seconds of `ready` when it was stopped because it did not get ready. */
  readonly seconds: number;
}

/** How the untrusted container ended. */
export interface ContainerFailure {
  readonly exitCode: number;
  readonly reason: string;
  /** The notable lines and the last ones that it printed, in order. Somebody else's text. */
  readonly lines: readonly string[];
}

/** What a builder author describes: one container that turns a context into an OCI layout. */
export interface LayoutBuild {
  /** Name of the builder: the label `slipway.dev/builder`. */
  readonly builder: string;
  readonly container: LayoutContainer;
  /** Needs what Pod Security `privileged` alone allows. */
  readonly daemon?: LayoutDaemon;
  /** Text to build instead of the file's own: an exact translation. */
  readonly dockerfile?: string;
  /** Names of settings for remedies, where the builder has its own. */
  readonly memorySetting?: string;
  /** Whether a line of output helps `classify` however much is printed after it; the last 50 such lines are kept. */
  isNotable?(line: string): boolean;
  /** Says what a failed `build` container means; asked only when the cluster has no explanation of its own. */
  classify(failure: ContainerFailure): BuildError;
}

/** The build pod as a service to builder authors: upload, log, failures told apart, push and clean-up. */
export interface BuildPods {
  /**
   * Builds in a pod of its own, pushes to every destination, deletes the pod. A pod that the cluster loses is replaced twice.
   * Settles only when the pod is gone or can no longer start anything. Rejects with a BuildError.
   */
  run(build: LayoutBuild, request: BuildRequest, session: BuildSession): Promise<BuiltImage>;
  /** Runs a container for a moment, without context and credential, and returns what it printed. Rejects unless it exits with 0. */
  probe(builder: string, container: LayoutContainer, session: BuildSession): Promise<string>;
}
