import { createKubeApi } from "@slipway/kube";
import type { HookCall } from "./hook-call.ts";
import { commandLogger } from "./output/command-logger.ts";
import { ownNamespace } from "./own-namespace.ts";
import type { HookInput } from "./protocol/hook-input.ts";
import { runScriptStep } from "./script-step/run-script-step.ts";
import { readSettings } from "./settings.ts";

/** Puts together the few parts that a script step needs: there are many of them in a job, and each is a process of its own. */
export async function serveScriptStep(input: HookInput, { env, output, signal }: HookCall): Promise<number> {
  const settings = readSettings(env);
  const logger = commandLogger(settings.logLevel, output);
  const api = createKubeApi({ namespace: await ownNamespace(settings), logger });
  return runScriptStep(input, { settings, api, output, signal });
}
