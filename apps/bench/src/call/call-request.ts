/** What the program in a runner pod is asked to do. */
export type CallRequest = HookCallRequest | FillRequest;

/** One call of a hook, as the runner makes it. */
export interface HookCallRequest {
  readonly kind: "call";
  readonly hook: string;
  readonly node: string;
  /** The runner's `_work`. */
  readonly work: string;
  readonly repository: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: "prepare_job" | "run_script_step" | "run_container_step" | "cleanup_job";
  readonly args: object;
  readonly state: unknown;
  /** Content of the script file of a script step. */
  readonly script?: string;
  /** Lets the hook reach the API server through a proxy that counts; not for calls whose time matters. */
  readonly counted: boolean;
}

/** Files of random content in a folder, which is emptied first. */
export interface FillRequest {
  readonly kind: "fill";
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
}

export interface CallResult {
  readonly exitCode: number | null;
  /** From spawn to the end of the process. */
  readonly ms: number;
  /** Peak resident memory of the hook's process (getrusage(2)). */
  readonly peakMb: number;
  readonly output: string;
  /** What the runner hands to the next call. */
  readonly state: unknown;
  readonly requests?: RequestCounts;
}

/** Requests to the API server by what they are for: `access review`, `get pods`, `exec`, … */
export type RequestCounts = Readonly<Record<string, number>>;

/** Stands in arguments and variables for what is new with each call: the step's own id. */
export const STEP_ID = "{step}";
