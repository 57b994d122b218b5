import type { StepOutput } from "./output/step-output.ts";
import type { Environment } from "./setting-values.ts";

/** What a process gives to one call of the hook. */
export interface HookCall {
  /** All of stdin. */
  readonly stdin: string;
  readonly env: Environment;
  readonly output: StepOutput;
  readonly signal: AbortSignal;
  /** The program that runs in our pods. */
  readonly agentSource: string;
  /** The Node of this process. */
  readonly execPath: string;
  /** Node's own `import()` for files from outside the bundle: programs embedded in it can do that only with a warning on stderr. */
  readonly importModule: (url: string) => Promise<unknown>;
  readonly runnerUser: { readonly uid: number; readonly gid: number };
}
