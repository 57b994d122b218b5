import type { ErrorCode } from "@slipway/core";

/**
 * The first frame of a session, from the hook: what it is for. One exec connection carries one session, and a new one ends the one
 * before it. A request may be made again after a lost connection: what is done already is not done twice.
 *
 * The hook keeps its end open while anything is due from it (`printed`, `cancel`, `applied`): when it closes that, a step's session
 * ends, and the program runs on.
 */
export type SessionRequest = BeginRequest | StepRequest | CollectRequest | PutRequest;

/** Waits until the job container is there, takes the runner's files (copying placement), and tells about the container. */
export interface BeginRequest {
  readonly kind: "begin";
  /** Of the job container; every step's own variables come on top. */
  readonly environment: Readonly<Record<string, string>>;
  /** The program of the job container, where the workflow names one; it runs beside the steps. */
  readonly main?: { readonly entryPoint: string; readonly args: readonly string[] };
  /** A tree stream follows, as `tree` frames and one `treeEnd`; paths in it are below the work volume. */
  readonly files: boolean;
}

/** Runs a program in the job container, or goes on with one that is running. */
export interface StepRequest {
  readonly kind: "step";
  /**
   * Chosen by the hook: letters, digits and hyphens. A program is started once for an id, however often it is asked for; another id
   * ends a program that still runs, and the earlier id is then refused.
   */
  readonly id: string;
  /** Bytes of output that have arrived: output goes on from there. */
  readonly offset: number;
  /** A tree stream follows first: what changed on the runner. Once the program has started it is read, and dropped. */
  readonly files: boolean;
  readonly command: StepCommand;
  /** What to bring back when the program has ended: prefixes in the work volume; nothing in the shared placement. */
  readonly back: readonly string[];
}

export interface StepCommand {
  readonly entryPoint: string;
  readonly args: readonly string[];
  /** undefined: the container's own. */
  readonly workingDirectory?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Put in front of PATH, first one first. */
  readonly prependPath: readonly string[];
}

/** Brings back what changed in the pod and is not on the runner yet. */
export interface CollectRequest {
  readonly kind: "collect";
  readonly back: readonly string[];
}

/** Takes what changed on the runner. */
export interface PutRequest {
  readonly kind: "put";
}

/** From the hook, while a session is open. */
export type ClientMessage =
  /** Output up to this offset has been printed; the agent may forget it. */
  | { readonly kind: "printed"; readonly offset: number }
  /** The step is cancelled: SIGINT to its processes, SIGTERM after 2 s, SIGKILL after 3.5 s. */
  | { readonly kind: "cancel" }
  /** The changes that came back are in place on the runner: they count as known now. */
  | { readonly kind: "applied" };

/** From the agent. */
export type AgentMessage =
  /** Answer to `begin`. */
  | { readonly kind: "begun"; readonly facts: JobContainerFacts }
  /** What was sent has arrived whole and is in place. Only where a tree stream was sent. */
  | { readonly kind: "received" }
  /** The program has ended, and all of its output was sent. */
  | { readonly kind: "exit"; readonly exit: StepExit }
  /** Everything of this session is done. */
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly error: WireError };

export interface JobContainerFacts {
  /** Its C library is musl, so that it needs the runner's Alpine build of Node. */
  readonly isAlpine: boolean;
  readonly uid: number;
  readonly gid: number;
}

export interface StepExit {
  /** The program's own; 128 + n when signal n ended it; 126 or 127 when it could not be started. */
  readonly exitCode: number;
  /** Why, where the number alone does not tell: no such program, no such folder, killed for its memory. */
  readonly failure?: WireError;
}

/** A BuildError on the wire. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy?: string;
}
