import { homedir } from "node:os";
import { join } from "node:path";

/** What the environment says about the test bed. */
export interface TestbedSettings {
  /** Folder of everything that is built and of the running state (`SLIPWAY_TESTBED_CACHE`, default `~/.cache/slipway-testbed`). */
  readonly cache: string;
  /** A cluster of the user's to use instead of kind (`SLIPWAY_TESTBED_KUBECONFIG`). */
  readonly kubeconfig: string | undefined;
  /** `SLIPWAY_TESTBED_OFFLINE=1`: build everything from packages even where images could be pulled. */
  readonly offline: boolean;
}

export function testbedSettings(env: NodeJS.ProcessEnv = process.env): TestbedSettings {
  return {
    cache:
      env["SLIPWAY_TESTBED_CACHE"] ||
      join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "slipway-testbed"),
    kubeconfig: env["SLIPWAY_TESTBED_KUBECONFIG"] || undefined,
    offline: env["SLIPWAY_TESTBED_OFFLINE"] === "1",
  };
}

/** The environment for programs that we start, with changes of ours. */
export function childEnvironment(
  changes: Readonly<Record<string, string | undefined>> = {},
): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
