import type { V1Job, V1Pod, V1Secret } from "@kubernetes/client-node";

/** The kinds that ARC's default Role lets a runner touch (its `kube_mode_role.yaml`), and no others. */
export interface ObjectOf {
  readonly pods: V1Pod;
  readonly secrets: V1Secret;
  readonly jobs: V1Job;
}

export type Resource = keyof ObjectOf;

export interface LogOptions {
  readonly follow: boolean;
  /** RFC 3339; the server keeps whole seconds only, so the reader sees lines again and has to drop them. */
  readonly sinceTime?: string;
}

export interface ExecStreams {
  /** Gathered into frames of 256 KiB; an empty chunk sends at once what came before it, for a command that is to answer. */
  readonly stdin?: AsyncIterable<Buffer>;
  /** Awaited before more is read: this is the back-pressure. */
  readonly stdout?: (chunk: Buffer) => void | Promise<void>;
}

/** How a command in a pod ended, as the server said it. Truth about our own files only, never about a step. */
export interface ExecOutcome {
  readonly exitCode: number;
  /** The last 64 KiB. */
  readonly stderr: string;
}

export interface DeleteOptions {
  /** Seconds; 0 kills at once. */
  readonly graceSeconds?: number;
  /** Deletes only this incarnation; another one of the same name is left alone. */
  readonly uid?: string;
}

/**
 * The port to one namespace of one cluster. Every method retries what is safe to retry (429 with Retry-After, 5xx, resets, half-open
 * connections) within a budget, and rejects with a BuildError: PERMISSION_DENIED (with the rule to add), POLICY_DENIED,
 * RESOURCE_EXHAUSTED (quota), CLUSTER_UNAVAILABLE, INVALID_CONFIG.
 */
export interface KubeApi {
  readonly namespace: string;
  /** undefined: there is none. */
  get<R extends Resource>(resource: R, name: string, signal?: AbortSignal): Promise<ObjectOf[R] | undefined>;
  list<R extends Resource>(
    resource: R,
    labelSelector: string,
    signal?: AbortSignal,
  ): Promise<readonly ObjectOf[R][]>;
  /** Makes exactly one, also when the answer to the first try is lost. The name must be set. */
  create<R extends Resource>(resource: R, object: ObjectOf[R], signal?: AbortSignal): Promise<ObjectOf[R]>;
  /** Gone already is success. A Job takes its pods along. */
  delete(resource: Resource, name: string, options?: DeleteOptions, signal?: AbortSignal): Promise<void>;
  /** The log of one container, each line with its time stamp in front; ends when the connection does, which proves nothing. */
  readLog(
    pod: string,
    container: string,
    options: LogOptions,
    signal?: AbortSignal,
  ): Promise<AsyncIterable<Buffer>>;
  /** Rejects when the connection ends without the server's word on the outcome. */
  exec(
    pod: string,
    container: string,
    command: readonly string[],
    streams: ExecStreams,
    signal?: AbortSignal,
  ): Promise<ExecOutcome>;
}
