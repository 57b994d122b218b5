import { dirname } from "node:path";

/** What one call reads from its environment. */
export interface OfficialSettings {
  readonly namespace: string;
  readonly runnerPod: string;
  /** Image of the init container that brings the externals. */
  readonly runnerImage: string;
  /** The runner's `_work`. */
  readonly work: string;
  readonly temp: string;
  readonly workspace: string;
}

export function officialSettings(env: NodeJS.ProcessEnv = process.env): OfficialSettings {
  return {
    namespace: required(env, "ACTIONS_RUNNER_KUBERNETES_NAMESPACE"),
    runnerPod: required(env, "ACTIONS_RUNNER_POD_NAME"),
    runnerImage: required(env, "ACTIONS_RUNNER_IMAGE"),
    work: dirname(required(env, "RUNNER_WORKSPACE")),
    temp: required(env, "RUNNER_TEMP"),
    workspace: required(env, "GITHUB_WORKSPACE"),
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
}
