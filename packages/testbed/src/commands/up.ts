import { ArtifactStore } from "../artifact-store.ts";
import { foldersOf } from "../folders.ts";
import { KindTestbed } from "../kind-testbed.ts";
import { withLock } from "../lock.ts";
import type { ProgressOutput } from "../progress.ts";
import type { TestbedSettings } from "../settings.ts";
import type { TestbedState } from "../testbed-state.ts";

/** Makes the test bed run, whatever is there of it already. Safe to repeat; quick when all is well. */
export async function up(settings: TestbedSettings, output: ProgressOutput): Promise<TestbedState> {
  const folders = foldersOf(settings.cache);
  const waiting = ({ pid }: { pid: number }): void => void output.write(`Process ${pid} is changing the test bed; waiting for it …\n`);
  return withLock(folders, waiting, () => new KindTestbed(folders, new ArtifactStore(folders.store), output).up());
}
