/** The hash of a manifest as registries write it (OCI image spec, descriptor.md "Digests"). */
export type Digest = `sha256:${string}`;

/** What COPY and ADD see. "Context" means Docker's build context and nothing else. */
export interface BuildContext {
  readonly kind: "directory";
  /** Absolute path on the machine that runs the builder. */
  readonly path: string;
}

/** Everything a build depends on, as plain data: it can be logged, compared, stored and replayed. */
export interface BuildRequest {
  readonly context: BuildContext;
  /** Relative to the root of the context, with forward slashes. */
  readonly dockerfile: string;
  /** Fully qualified and tagged. All of them end up on the same digest. */
  readonly destinations: readonly [string, ...string[]];
  /** The stage to stop at; the last stage when left out. */
  readonly target?: string;
  /** One `os/architecture[/variant]`; the platform of the node when left out. */
  readonly platform?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

export type BuildPhase = "prepare" | "upload" | "build" | "push";

export type BuildEvent =
  | { readonly type: "phase"; readonly phase: BuildPhase }
  /** A line that the build printed: somebody else's text. */
  | { readonly type: "log"; readonly line: string }
  /** Something that we have to say while it goes on, such as what a pod waits for. */
  | { readonly type: "notice"; readonly message: string };

/** One call of build(): how to report, when to stop, on whose behalf. */
export interface BuildSession {
  /** Unique per call; safe in a Kubernetes name and as a label value. */
  readonly id: string;
  /** The job on whose behalf things are made; safe as a Kubernetes label value. */
  readonly owner: string;
  readonly signal: AbortSignal;
  /** Never throws and never blocks. */
  emit(event: BuildEvent): void;
}

/** What a run of the image needs to know of it (OCI image spec, config.md), read back from what was pushed. */
export interface ImageFacts {
  readonly os: string;
  readonly architecture: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly user: string;
  readonly workingDir: string;
}

/** The facts that only the builder knows. */
export interface BuiltImage {
  /** Digest of the manifest as the registry stores it. */
  readonly digest: Digest;
  /** Left out by builders that did not see the config; it is then read from the registry. */
  readonly facts?: ImageFacts;
}

/** Why a builder cannot work here, and the cure. */
export interface Problem {
  readonly message: string;
  readonly remedy: string;
}

/** The whole contract for a builder author. */
export interface ImageBuilder {
  /**
   * Builds the image and pushes it to every destination.
   *
   * Settles only once nothing it started is still running, also after `session.signal` aborts.
   * Rejects with a BuildError.
   */
  build(request: BuildRequest, session: BuildSession): Promise<BuiltImage>;

  /** Says why this builder cannot work here. Changes nothing. Empty means ready. */
  preflight?(signal: AbortSignal): Promise<readonly Problem[]>;

  /** Deletes what a killed process left behind for `owner`. Safe to call twice. */
  prune?(owner: string, signal: AbortSignal): Promise<void>;
}
