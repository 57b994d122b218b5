import { createKubeApi } from "@slipway/kube";
import { commandLogger } from "./output/command-logger.ts";
import { ownNamespace } from "./own-namespace.ts";
import type { HookInput } from "./protocol/hook-input.ts";
import type { HookCall } from "./run-hook.ts";
import { runScriptStep } from "./script-step/run-script-step.ts";
import type { HookSettings } from "./settings.ts";

/** Puts together the few parts that a script step needs: there are many of them in a job, and each is a process of its own. */
export async function serveScriptStep(
  input: HookInput,
  call: HookCall & { readonly settings: HookSettings },
): Promise<number> {
  const { output, settings, signal } = call;
  const logger = commandLogger(settings.logLevel, output);
  const api = createKubeApi({ namespace: await ownNamespace(settings), logger });
  return runScriptStep(input, { settings, api, output, signal });
}
