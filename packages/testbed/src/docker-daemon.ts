import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { endedAtOnce, startDetached } from "./detached-process.ts";
import type { Folders } from "./folders.ts";
import { instanceOf } from "./instance.ts";
import { removeLeftovers } from "./leftovers.ts";
import { runningFrom, stopProcess } from "./process-identity.ts";
import { tryCommand } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

/** The paths of a dockerd and a containerd of our own, and where their process identities are kept. */
export function daemonPaths(folders: Folders) {
  const root = folders.state;
  return {
    socket: join(root, "docker.sock"),
    dataRoot: join(root, "docker"),
    execRoot: join(root, "docker-run"),
    dockerConfig: join(root, "docker.json"),
    dockerPid: join(root, "dockerd.json"),
    containerdSocket: join(root, "containerd.sock"),
    containerdRoot: join(root, "containerd"),
    containerdState: join(root, "containerd-run"),
    containerdConfig: join(root, "containerd.toml"),
    containerdPid: join(root, "containerd.json"),
  };
}

export function daemonHost(folders: Folders): string {
  return `unix://${daemonPaths(folders).socket}`;
}

/** Starts what is not running of our daemon; `wrapper` is the runtime for machines whose root lacks CAP_SYS_RESOURCE. */
export async function startDaemon(folders: Folders, wrapper: string | undefined): Promise<void> {
  const paths = daemonPaths(folders);
  // After a kill, containers and mounts of the old daemon are still there, and a new one trips over them.
  if (
    (await runningFrom(paths.dockerPid)) === undefined ||
    (await runningFrom(paths.containerdPid)) === undefined
  ) {
    await stopDaemon(folders);
    await removeLeftovers(folders);
    await rm(join(folders.state, "dockerd.pid"), { force: true });
  }
  await mkdir(paths.dataRoot, { recursive: true });
  await mkdir(folders.logs, { recursive: true });
  await writeFile(paths.containerdConfig, containerdConfig(paths.containerdSocket));
  // Ours alone: without it dockerd would read the machine's own /etc/docker/daemon.json.
  await writeFile(paths.dockerConfig, "{}");
  const containerd = [
    ...["containerd", "--config", paths.containerdConfig, "--root", paths.containerdRoot],
    ...["--state", paths.containerdState, "--address", paths.containerdSocket],
  ];
  await startDetached(folders, { identityFile: paths.containerdPid, argv: containerd });
  const dockerd = ["dockerd", ...dockerArguments(folders, wrapper)];
  await startDetached(folders, { identityFile: paths.dockerPid, argv: dockerd });
  await waitUntil("our own dockerd", 60_000, async () => {
    const { code } = await tryCommand(["docker", "--host", daemonHost(folders), "version"], {
      timeoutMs: 10_000,
    });
    if (code === 0) return true;
    if ((await runningFrom(paths.dockerPid)) === undefined) throw await endedAtOnce(folders, "dockerd");
    return undefined;
  });
}

/** Stops dockerd, then containerd. Containers must be gone before: what is left is for `removeLeftovers`. */
export async function stopDaemon(folders: Folders): Promise<void> {
  const paths = daemonPaths(folders);
  for (const file of [paths.dockerPid, paths.containerdPid]) {
    const identity = await runningFrom(file);
    if (identity !== undefined) await stopProcess(identity);
  }
}

/** A daemon of our own runs: its containers have no way to the world. */
export async function hasOwnDaemon(folders: Folders): Promise<boolean> {
  return (await runningFrom(daemonPaths(folders).dockerPid)) !== undefined;
}

/** The machine's own Docker answers, and runs containers for us. */
export async function hasMachineDocker(): Promise<boolean> {
  const { code } = await tryCommand(["docker", "info"], { timeoutMs: 10_000 }).catch(() => ({ code: 1 }));
  return code === 0;
}

/** True where root may not raise resource limits, so that Docker's --privileged fails (capabilities(7), bit 24). */
export async function lacksSysResource(): Promise<boolean> {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(await readFile("/proc/self/status", "utf8"))?.[1] ?? "";
  return (BigInt(`0x${bounding || "0"}`) & (1n << 24n)) === 0n;
}

function containerdConfig(socket: string): string {
  return `version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[ttrpc]\n  address = "${socket}.ttrpc"\n`;
}

/**
 * No packet filter rules, no default bridge, no forwarding: kind needs none of it, and what is not made need not be
 * removed. Published ports go through docker-proxy. So containers cannot reach the world, and a name of it is refused
 * at once instead of after a time-out: nobody answers at the name server given.
 */
function dockerArguments(folders: Folders, wrapper: string | undefined): string[] {
  const paths = daemonPaths(folders);
  const runtime =
    wrapper === undefined ? [] : ["--add-runtime", `slipway=${wrapper}`, "--default-runtime", "slipway"];
  return [
    ...["--host", daemonHost(folders), "--data-root", paths.dataRoot, "--exec-root", paths.execRoot],
    ...["--pidfile", join(folders.state, "dockerd.pid"), "--containerd", paths.containerdSocket],
    ...[
      "--bridge",
      "none",
      "--iptables=false",
      "--ip6tables=false",
      "--ip-forward=false",
      "--ip-masq=false",
      "--dns",
      "127.0.0.1",
    ],
    ...["--cgroup-parent", `/${instanceOf(folders).cgroup}`, "--config-file", paths.dockerConfig],
    ...["--default-address-pool", "base=10.213.0.0/16,size=24"],
    ...runtime,
  ];
}
