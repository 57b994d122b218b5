import type { Logger } from "@slipway/core";
import { createKubeApi, type KubeApi } from "@slipway/kube";
import { type RunnerPod, readRunnerPod } from "./cluster/runner-pod.ts";
import type { HookCall } from "./hook-call.ts";
import { commandLogger } from "./output/command-logger.ts";
import { workflowCommand } from "./output/workflow-commands.ts";
import { ownNamespace } from "./own-namespace.ts";
import { type HookSettings, type RegistrySettings, readSettings, registrySettings } from "./settings.ts";

/** A call with what serves it, whatever its command. */
export interface ServedCall extends HookCall {
  readonly settings: HookSettings;
  /** ADR 0034's settings, read when a Dockerfile needs them. */
  readonly registry: () => RegistrySettings;
  readonly logger: Logger;
  readonly api: KubeApi;
}

/** Rejects with INVALID_CONFIG for settings that are none. */
export async function servedCall(call: HookCall): Promise<ServedCall> {
  const settings = readSettings(call.env);
  const registry = () => registrySettings(call.env);
  const logger = commandLogger(settings.logLevel, call.output);
  const api = createKubeApi({ namespace: await ownNamespace(settings), logger });
  return { ...call, settings, registry, logger, api };
}

/** Says what is odd in the settings, though it can be worked with. */
export async function tellWarnings({ output, settings }: ServedCall): Promise<void> {
  for (const warning of settings.warnings) await output.line(workflowCommand("warning", warning));
}

/** Looks at the runner's own pod, which decides where the agent of every other pod runs. */
export function runnerOf({ settings, signal, execPath, agentSource, api }: ServedCall): Promise<RunnerPod> {
  const { agentImage, agentNode, runnerImage, runnerPod: name } = settings;
  const options = { name, agentImage, agentNode, runnerImage, execPath, agentSource, work: settings };
  return readRunnerPod(api, options, signal);
}
