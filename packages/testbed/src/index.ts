export type { WorkVolume } from "./cluster-parts.ts";
export { hookEnvironment, testbedEnvironment } from "./environment.ts";
export type { ActionFiles, PodRunnerOptions } from "./runner/pod-runner.ts";
export { PodRunner } from "./runner/pod-runner.ts";
export type { ActionStep, CleanupStep, RawStep, Step, StepResult } from "./runner/runner-job.ts";
export { type StartRunnerOptions, startRunner } from "./runner/start-runner.ts";
export { loadTestbed, type Testbed } from "./testbed.ts";
export { TestbedError } from "./testbed-error.ts";
export type { TestbedState } from "./testbed-state.ts";
