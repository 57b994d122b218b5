import { daemonPaths } from "../docker-daemon.ts";
import { foldersOf } from "../folders.ts";
import { Kubectl } from "../kubectl.ts";
import { describeLeftovers, findLeftovers } from "../leftovers.ts";
import { runningFrom } from "../process-identity.ts";
import type { TestbedSettings } from "../settings.ts";
import { readState } from "../testbed-state.ts";

/** What runs and what does not, as lines to read. `up` is false when the API server does not answer. */
export async function status(
  settings: TestbedSettings,
): Promise<{ readonly up: boolean; readonly lines: readonly string[] }> {
  const folders = foldersOf(settings.cache);
  const state = await readState(folders);
  const paths = daemonPaths(folders);
  const daemons = await Promise.all([paths.containerdPid, paths.dockerPid].map(runningFrom));
  const lines = ["containerd", "dockerd"].map((name, index) => `${name}: ${pidText(daemons[index]?.pid)}`);
  if (state === undefined) {
    const left = describeLeftovers(await findLeftovers(folders));
    return { up: false, lines: ["test bed: not up", ...lines, ...left] };
  }
  const kubectl = new Kubectl(state.kubectl, state.kubeconfig);
  const pods = await kubectl.try(["--request-timeout=5s", "get", "pods", "-A", "-o", "wide"]);
  const answers = pods.code === 0;
  return {
    up: answers,
    lines: [
      `test bed: ${answers ? "up" : "the API server does not answer"}`,
      ...lines,
      (pods.stdout || pods.stderr).trim(),
    ],
  };
}

function pidText(pid: number | undefined): string {
  return pid === undefined ? "not running" : `pid ${pid}`;
}
