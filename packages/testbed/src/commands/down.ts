import { rm } from "node:fs/promises";
import { DockerClient } from "../docker-client.ts";
import { daemonHost, daemonPaths, stopDaemon } from "../docker-daemon.ts";
import { type Folders, foldersOf } from "../folders.ts";
import { describeLeftovers, findLeftovers, removeLeftovers } from "../leftovers.ts";
import { withLock } from "../lock.ts";
import { runningFrom } from "../process-identity.ts";
import type { TestbedSettings } from "../settings.ts";
import { TestbedError } from "../testbed-error.ts";

/** Removes everything that `up` made but what is built, and proves it: throws when anything is left. */
export async function down(settings: TestbedSettings, say: (text: string) => void): Promise<void> {
  const folders = foldersOf(settings.cache);
  const waiting = ({ pid }: { pid: number }): void => say(`Process ${pid} is changing the test bed; waiting for it …`);
  await withLock(folders, waiting, async () => {
    await stopOwnDaemon(folders, say);
    await removeLeftovers(folders);
    const left = describeLeftovers(await findLeftovers(folders));
    if (left.length > 0) {
      throw new TestbedError(`The test bed left something behind:\n${left.join("\n")}`, { remedy: "Run it again; then end these by hand" });
    }
    // Only now: a mount that is still there would be emptied.
    await rm(folders.state, { recursive: true, force: true });
  });
}

async function stopOwnDaemon(folders: Folders, say: (text: string) => void): Promise<void> {
  if ((await runningFrom(daemonPaths(folders).dockerPid)) === undefined) return;
  say("Removing the cluster …");
  const docker = new DockerClient(daemonHost(folders));
  const containers = (await docker.run(["ps", "--all", "--quiet"], { timeoutMs: 60_000 })).split("\n").filter(Boolean);
  if (containers.length > 0) await docker.run(["rm", "--force", "--volumes", ...containers], { timeoutMs: 120_000 });
  await docker.run(["network", "prune", "--force"]);
  say("Stopping Docker …");
  await stopDaemon(folders);
}
