import { join } from "node:path";
import type { ArtifactStore } from "./artifact-store.ts";
import { DockerClient } from "./docker-client.ts";
import { daemonHost, daemonPaths } from "./docker-daemon.ts";
import type { Folders } from "./folders.ts";
import { runningFrom } from "./process-identity.ts";
import { goProgram } from "./recipes/go-program.ts";
import { tryCommand } from "./run-command.ts";
import { versions } from "./versions.ts";

/** How the test bed gets its parts on this machine; decided once per `up`. */
export interface Platform {
  /** Images can be pulled: kind's node image and the real base images are used. */
  readonly online: boolean;
  /** A Docker of the machine's that answers; otherwise we start our own. */
  readonly machineDocker: boolean;
}

/** The machine's own Docker answers, and may run containers for us. */
export async function hasMachineDocker(): Promise<boolean> {
  const { code } = await tryCommand(["docker", "info"], { timeoutMs: 10_000 }).catch(() => ({ code: 1 }));
  return code === 0;
}

/** The daemon that has our cluster: ours where it runs, else the machine's. */
export async function currentDocker(folders: Folders): Promise<DockerClient> {
  const ours = await runningFrom(daemonPaths(folders).dockerPid);
  return new DockerClient(ours === undefined ? undefined : daemonHost(folders));
}

/** kind of the pinned minor version from PATH, else ours. */
export async function kindProgram(store: ArtifactStore, note?: (text: string) => void): Promise<string> {
  const minor = versions.kind.split(".").slice(0, 2).join(".");
  const { code, stdout } = await tryCommand(["kind", "version", "-q"]).catch(() => ({ code: 1, stdout: "" }));
  if (code === 0 && `v${stdout.trim().replace(/^v/, "")}`.startsWith(`${minor}.`)) return "kind";
  return join(await store.ensure(await goProgram("kind"), note), "kind");
}
