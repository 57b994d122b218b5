import { rm } from "node:fs/promises";
import { removeClusterParts } from "../cluster-parts.ts";
import { DockerClient } from "../docker-client.ts";
import { daemonHost, daemonPaths, hasMachineDocker, stopDaemon } from "../docker-daemon.ts";
import { type Folders, foldersOf } from "../folders.ts";
import { removeKindContainers } from "../kind-cluster.ts";
import { Kubectl } from "../kubectl.ts";
import { describeLeftovers, findLeftovers, removeLeftovers } from "../leftovers.ts";
import { withLock } from "../lock.ts";
import { stopPackageRelay } from "../package-relay/relay-process.ts";
import { runningFrom } from "../process-identity.ts";
import type { TestbedSettings } from "../settings.ts";
import { TestbedError } from "../testbed-error.ts";
import { readState } from "../testbed-state.ts";

/** Removes everything that `up` made but what is built, and proves it: throws when anything is left. */
export async function down(settings: TestbedSettings, say: (text: string) => void): Promise<void> {
  const folders = foldersOf(settings.cache);
  const waiting = (pid = "?"): void => say(`Process ${pid} is changing the test bed; waiting for it …`);
  await withLock(folders, waiting, async () => {
    await leaveUsersCluster(folders, say);
    await removeCluster(folders, say);
    await removeLeftovers(folders);
    const left = describeLeftovers(await findLeftovers(folders));
    if (left.length > 0) {
      const message = `The test bed left something behind:\n${left.join("\n")}`;
      throw new TestbedError(message, { remedy: "Run it again; if it stays, end these by hand" });
    }
    // Only now: through a mount that is still there, this would empty something else.
    await rm(folders.state, { recursive: true, force: true });
  });
}

async function leaveUsersCluster(folders: Folders, say: (text: string) => void): Promise<void> {
  const state = await readState(folders);
  if (state === undefined || state.kubeconfig === folders.kubeconfig) return;
  say("Removing our parts from your cluster …");
  await removeClusterParts(new Kubectl(state.kubectl, state.kubeconfig)).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TestbedError(`Our parts could not be removed from your cluster: ${why}`, {
      remedy: `Let ${state.kubeconfig} reach it again; or if it is gone for good, delete ${folders.stateFile}, and run this again`,
      cause,
    });
  });
}

async function removeCluster(folders: Folders, say: (text: string) => void): Promise<void> {
  await stopPackageRelay(folders);
  const ours = await runningFrom(daemonPaths(folders).dockerPid);
  if (ours === undefined && !(await hasMachineDocker())) return;
  say("Removing the cluster …");
  await removeKindContainers(new DockerClient(ours === undefined ? undefined : daemonHost(folders)));
  if (ours === undefined) return;
  say("Stopping Docker …");
  await stopDaemon(folders);
}
