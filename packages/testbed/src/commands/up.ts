import { ArtifactStore } from "../artifact-store.ts";
import { foldersOf } from "../folders.ts";
import { KindTestbed } from "../kind-testbed.ts";
import { withLock } from "../lock.ts";
import type { ProgressOutput } from "../progress.ts";
import type { TestbedSettings } from "../settings.ts";
import type { TestbedState } from "../testbed-state.ts";
import { UserTestbed } from "../user-testbed.ts";

/** Makes the test bed run, whatever is there of it already. Safe to repeat; quick when all is well. */
export async function up(settings: TestbedSettings, output: ProgressOutput): Promise<TestbedState> {
  const { kubeconfig, offline } = settings;
  const folders = foldersOf(settings.cache);
  const store = new ArtifactStore(folders.store);
  const testbed =
    kubeconfig === undefined
      ? new KindTestbed({ folders, store, output, offline })
      : new UserTestbed({ folders, store, output, kubeconfig });
  const waiting = (pid = "?"): void => {
    output.write(`Process ${pid} is changing the test bed; waiting for it …\n`);
  };
  return withLock(folders, waiting, async () => {
    await store.removeUnfinished();
    return testbed.up();
  });
}
