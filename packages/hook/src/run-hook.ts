import type { HookCall } from "./hook-call.ts";
import { parseHookInput } from "./protocol/hook-input.ts";

/** Serves one call. Resolves with the exit code of the process; rejects with a BuildError for the final line. */
export async function runHook(call: HookCall): Promise<number> {
  const input = parseHookInput(call.stdin);
  // Each is loaded when it is asked for: a bad command has to cost little, and a good one no more than it needs.
  switch (input.command) {
    case "prepare_job":
      return (await import("./serve-prepare-job.ts")).servePrepareJob(input, call);
    case "run_script_step":
      return (await import("./serve-script-step.ts")).serveScriptStep(input, call);
    case "run_container_step":
      return (await import("./serve-container-step.ts")).serveContainerStep(input, call);
    case "cleanup_job":
      return (await import("./serve-cleanup-job.ts")).serveCleanupJob(call);
  }
}
