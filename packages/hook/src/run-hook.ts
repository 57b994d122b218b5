import type { StepOutput } from "./output/step-output.ts";
import { parseHookInput } from "./protocol/hook-input.ts";
import { type Environment, readSettings, registrySettings } from "./settings.ts";

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

/** Serves one call. Resolves with the exit code of the process; rejects with a BuildError for the final line. */
export async function runHook(call: HookCall): Promise<number> {
  const input = parseHookInput(call.stdin);
  const settings = readSettings(call.env);
  // Only now, because it loads a lot: a bad command has to cost little, and the commonest one not much more.
  if (input.command === "run_script_step") {
    const { serveScriptStep } = await import("./serve-script-step.ts");
    return serveScriptStep(input, { ...call, settings });
  }
  const { serve } = await import("./serve-command.ts");
  return serve(input, { ...call, settings, registry: () => registrySettings(call.env) });
}
