import { runContainerStep } from "./container-step/run-container-step.ts";
import type { HookCall } from "./hook-call.ts";
import type { HookInput } from "./protocol/hook-input.ts";
import { withScratchFolder } from "./scratch-folder.ts";
import { runnerOf, servedCall, tellWarnings } from "./served-call.ts";

/** Puts the parts of run_container_step together. */
export async function serveContainerStep(input: HookInput, hookCall: HookCall): Promise<number> {
  const call = await servedCall(hookCall);
  const { settings } = call;
  return withScratchFolder(async (workDir) => {
    await tellWarnings(call);
    const runner = await runnerOf(call);
    return runContainerStep(input, {
      settings,
      runner,
      images: async () => {
        const { composeStepImages } = await import("./composition-root.ts");
        return composeStepImages({ ...call, runner, workDir });
      },
      context: { ...call, podTimeoutMs: settings.podTimeoutMs },
    });
  });
}
