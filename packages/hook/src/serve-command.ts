import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuildError, type Logger } from "@slipway/core";
import { createKubeApi, type KubeApi } from "@slipway/kube";
import { cleanupJob } from "./cleanup-job.ts";
import { type RunnerPod, readRunnerPod } from "./cluster/runner-pod.ts";
import type { CompositionOptions } from "./composition-root.ts";
import { runContainerStep } from "./container-step/run-container-step.ts";
import type { HookCall } from "./hook-call.ts";
import { prepareJob } from "./job/prepare-job.ts";
import { commandLogger } from "./output/command-logger.ts";
import { workflowCommand } from "./output/workflow-commands.ts";
import { ownNamespace } from "./own-namespace.ts";
import type { HookInput } from "./protocol/hook-input.ts";
import { readSettings, registrySettings } from "./settings.ts";

interface ServedCall extends HookCall, Omit<CompositionOptions, "runner"> {
  readonly logger: Logger;
  readonly api: KubeApi;
}

/** Puts the parts together for one command and runs it. Resolves with the exit code. */
export async function serve(input: HookInput, call: HookCall): Promise<number> {
  const settings = readSettings(call.env);
  const registry = () => registrySettings(call.env);
  const logger = commandLogger(settings.logLevel, call.output);
  const api = createKubeApi({ namespace: await ownNamespace(settings), logger });
  const workDir = await makeWorkDir();
  try {
    return await serveIn(input, { ...call, settings, registry, logger, api, workDir });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function serveIn(input: HookInput, call: ServedCall): Promise<number> {
  const { output, settings } = call;
  if (input.command === "cleanup_job") {
    await cleanUp(call);
    return 0;
  }
  for (const warning of settings.warnings) await output.line(workflowCommand("warning", warning));
  if (input.command === "prepare_job") return prepareJob(input, { ...call, runner: () => runnerOf(call) });
  const runner = await runnerOf(call);
  return runContainerStep(input, {
    settings,
    runner,
    images: async () => {
      const { composeStepImages } = await import("./composition-root.ts");
      return composeStepImages({ ...call, runner });
    },
    context: { ...call, podTimeoutMs: settings.podTimeoutMs },
  });
}

function cleanUp(call: ServedCall): Promise<void> {
  return cleanupJob(call.settings.runnerPod, {
    ...call,
    builder: async () => {
      const runner = await runnerOf(call);
      const { composeBuilder } = await import("./composition-root.ts");
      return composeBuilder({ ...call, runner });
    },
  });
}

/** Looks at the runner's own pod, which decides where the agent of every other pod runs. */
function runnerOf({ settings, signal, execPath, agentSource, api }: ServedCall): Promise<RunnerPod> {
  const { agentImage, agentNode, runnerImage, runnerPod: name } = settings;
  const options = { name, agentImage, agentNode, runnerImage, execPath, agentSource, work: settings };
  return readRunnerPod(api, options, signal);
}

async function makeWorkDir(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), "slipway-"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildError("INVALID_CONFIG", `The runner has no usable temporary folder: ${reason}`, {
      remedy: "Free space there and make it writable for the runner's user, or set TMPDIR",
      cause,
    });
  }
}
