import { ApiServer } from "@slipway/kube/testing";
import { afterEach, beforeAll, beforeEach } from "vitest";
import { bundleHook, RunnerFolders } from "./hook-process.ts";
import { ScriptedKubelet } from "./scripted-kubelet.ts";

/** What a test of the whole hook has around it, new for each test. */
export interface ScriptedCluster {
  /** The bundle under test. */
  bundle: string;
  server: ApiServer;
  kubelet: ScriptedKubelet;
  folders: RunnerFolders;
}

/** An API server, a kubelet that really runs the agent, and a runner's folders for every test of the file. */
export function scriptedCluster(): ScriptedCluster {
  const cluster = {} as ScriptedCluster;
  beforeAll(async () => {
    cluster.bundle = await bundleHook();
  });
  beforeEach(async () => {
    cluster.server = await ApiServer.start();
    cluster.kubelet = new ScriptedKubelet(cluster.server);
    cluster.folders = await RunnerFolders.make();
  });
  afterEach(async () => {
    cluster.kubelet.stop();
    await cluster.server.stop();
  });
  return cluster;
}
