import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuildError } from "@slipway/core";
import { loadBuilder } from "./builders/load-builder.ts";
import { cleanupJob } from "./cleanup-job.ts";
import { type RunnerPod, readRunnerPod } from "./cluster/runner-pod.ts";
import {
  type CompositionOptions,
  compose,
  composeBuilder,
  type Scope,
  services,
} from "./composition-root.ts";
import { runContainerStep } from "./container-step/run-container-step.ts";
import type { HookCall } from "./hook-call.ts";
import { prepareJob } from "./job/prepare-job.ts";
import { workflowCommand } from "./output/workflow-commands.ts";
import { ownNamespace } from "./own-namespace.ts";
import type { HookInput } from "./protocol/hook-input.ts";
import { readSettings, registrySettings } from "./settings.ts";

type ServedCall = HookCall & CompositionOptions;

/** Puts the parts together for one command and runs it. Resolves with the exit code. */
export async function serve(input: HookInput, call: HookCall): Promise<number> {
  const settings = readSettings(call.env);
  const registry = () => registrySettings(call.env);
  const namespace = await ownNamespace(settings);
  const workDir = await makeWorkDir();
  try {
    return await serveIn(input, { ...call, settings, registry, namespace, workDir });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function serveIn(input: HookInput, call: ServedCall): Promise<number> {
  const scope = compose(call);
  if (input.command === "cleanup_job") {
    await cleanUp(scope, call);
    return 0;
  }
  for (const warning of call.settings.warnings) await call.output.line(workflowCommand("warning", warning));
  if (input.command === "prepare_job") return prepare(input, scope, call);
  return runContainerStep(input, {
    settings: call.settings,
    runner: await runnerOf(scope, call),
    images: async () => {
      composeBuilder(scope, await loadBuilder(call.settings.builder, call), call);
      return scope.resolve(services.stepImages);
    },
    context: {
      api: scope.resolve(services.kube),
      logger: scope.resolve(services.logger),
      output: call.output,
      signal: call.signal,
      podTimeoutMs: call.settings.podTimeoutMs,
      runnerUser: call.runnerUser,
    },
  });
}

function prepare(input: HookInput, scope: Scope, call: ServedCall): Promise<number> {
  return prepareJob(input, {
    settings: call.settings,
    runner: () => runnerOf(scope, call),
    api: scope.resolve(services.kube),
    logger: scope.resolve(services.logger),
    output: call.output,
    signal: call.signal,
  });
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

function cleanUp(scope: Scope, call: ServedCall): Promise<void> {
  return cleanupJob(call.settings.runnerPod, {
    api: scope.resolve(services.kube),
    logger: scope.resolve(services.logger),
    output: call.output,
    signal: call.signal,
    builder: async () => {
      await runnerOf(scope, call);
      composeBuilder(scope, await loadBuilder(call.settings.builder, call), call);
      return scope.resolve(services.builder);
    },
  });
}

/** Looks at the runner's own pod, which decides where the agent of every other pod runs. */
async function runnerOf(scope: Scope, call: ServedCall): Promise<RunnerPod> {
  const { settings, signal, execPath, agentSource } = call;
  const { agentImage, agentNode, runnerImage, runnerPod: name } = settings;
  const options = { name, agentImage, agentNode, runnerImage, execPath, agentSource, work: settings };
  const runner = await readRunnerPod(scope.resolve(services.kube), options, signal);
  scope.register(services.runner, { useValue: runner });
  return runner;
}
