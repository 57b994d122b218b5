import { cleanupJob } from "./cleanup-job.ts";
import type { HookCall } from "./hook-call.ts";
import { withScratchFolder } from "./scratch-folder.ts";
import { runnerOf, servedCall } from "./served-call.ts";

/** Puts the parts of cleanup_job together. */
export async function serveCleanupJob(hookCall: HookCall): Promise<number> {
  const call = await servedCall(hookCall);
  await withScratchFolder((workDir) =>
    cleanupJob(call.settings.runnerPod, {
      ...call,
      builder: async () => {
        const runner = await runnerOf(call);
        const { composeBuilder } = await import("./composition-root.ts");
        return composeBuilder({ ...call, runner, workDir });
      },
    }),
  );
  return 0;
}
