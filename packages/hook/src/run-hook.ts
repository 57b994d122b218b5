import type { HookCall } from "./hook-call.ts";
import { parseHookInput } from "./protocol/hook-input.ts";

/** Serves one call. Resolves with the exit code of the process; rejects with a BuildError for the final line. */
export async function runHook(call: HookCall): Promise<number> {
  const input = parseHookInput(call.stdin);
  // Only now, because it loads a lot, settings included: a bad command has to cost little, and the commonest one not much more.
  if (input.command === "run_script_step") {
    const { serveScriptStep } = await import("./serve-script-step.ts");
    return serveScriptStep(input, call);
  }
  const { serve } = await import("./serve-command.ts");
  return serve(input, call);
}
