import type { HookCall } from "./hook-call.ts";
import { prepareJob } from "./job/prepare-job.ts";
import type { HookInput } from "./protocol/hook-input.ts";
import { runnerOf, servedCall, tellWarnings } from "./served-call.ts";

/** Puts the parts of prepare_job together. */
export async function servePrepareJob(input: HookInput, hookCall: HookCall): Promise<number> {
  const call = await servedCall(hookCall);
  await tellWarnings(call);
  return prepareJob(input, { ...call, runner: () => runnerOf(call) });
}
