export { restartApiServer } from "./api-server.ts";
export { installAptPackages } from "./apt-packages.ts";
export type { WorkVolume } from "./cluster-parts.ts";
export { hookEnvironment, testbedEnvironment } from "./environment.ts";
export { registrySecret } from "./registry-secret.ts";
export type { StepResult } from "./runner/hook-caller.ts";
export type { ActionFiles, PodRunnerOptions } from "./runner/pod-runner.ts";
export { PodRunner } from "./runner/pod-runner.ts";
export { stepOf, type WorkflowResult } from "./runner/pod-workflow.ts";
export type { ActionStep, CleanupStep, RawStep, Step } from "./runner/runner-job.ts";
export { type StartRunnerOptions, startRunner } from "./runner/start-runner.ts";
export type { JobRecord, StepRecord } from "./runner/workflow/job-record.ts";
export type { WorkflowOptions } from "./runner/workflow/workflow-job.ts";
export {
  makeTestNamespace,
  type PodSecurity,
  type TestNamespace,
  type TestNamespaceOptions,
} from "./test-namespace.ts";
export { loadTestbed, type Testbed } from "./testbed.ts";
export { TestbedError } from "./testbed-error.ts";
export type { TestbedState } from "./testbed-state.ts";
