import { existsSync } from "node:fs";
import { readdir, readFile, readlink, rm, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Folders } from "./folders.ts";
import { instanceOf } from "./instance.ts";
import { identityOf, type ProcessIdentity } from "./process-identity.ts";
import { runCommand, tryCommand } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

/** What a test bed has on the machine outside plain files. All empty: it left nothing. */
export interface Leftovers {
  readonly processes: readonly ProcessIdentity[];
  readonly mounts: readonly string[];
  readonly interfaces: readonly string[];
  readonly rules: readonly string[];
  readonly cgroups: readonly string[];
  readonly sockets: readonly string[];
}

export async function findLeftovers(folders: Folders): Promise<Leftovers> {
  const { bridge, cgroup } = instanceOf(folders);
  const cgroups = await cgroupFolders(cgroup);
  return {
    processes: await findProcesses(folders, cgroups),
    mounts: mountsBelow(await readFile("/proc/self/mountinfo", "utf8"), folders.state),
    interfaces: await interfacesOf(bridge),
    rules: await rulesNaming(bridge),
    cgroups,
    sockets: await shimSockets(folders),
  };
}

/** One line for each thing that is there. */
export function describeLeftovers(left: Leftovers): string[] {
  return [
    ...left.processes.map(({ pid, command }) => `process ${pid}: ${command.slice(0, 100)}`),
    ...left.mounts.map((mount) => `mount ${mount}`),
    ...left.interfaces.map((name) => `network interface ${name}`),
    ...left.rules.map((rule) => `packet filter rule ${rule}`),
    ...left.cgroups.map((folder) => `cgroup ${folder}`),
    ...left.sockets.map((socket) => `socket ${socket}`),
  ];
}

/** Removes what a killed test bed left: processes first, as they hold the rest. */
export async function removeLeftovers(folders: Folders): Promise<void> {
  const { bridge, cgroup } = instanceOf(folders);
  const sockets = await shimSockets(folders);
  await waitUntil("end of the test bed's processes", 30_000, async () => {
    const processes = await findProcesses(folders, await cgroupFolders(cgroup));
    for (const { pid } of processes) kill(pid);
    return processes.length === 0 ? true : undefined;
  });
  const mounts = mountsBelow(await readFile("/proc/self/mountinfo", "utf8"), folders.state);
  for (const mount of mounts.toReversed()) await runCommand(["umount", "--lazy", mount]);
  // The other end of a pair may be in a namespace that a dying TCP connection keeps for minutes: deleting this end frees both.
  for (const name of await interfacesOf(bridge)) await runCommand(["ip", "link", "delete", name]);
  for (const folder of (await cgroupFolders(cgroup)).toReversed()) await rmdir(folder).catch(() => undefined);
  for (const socket of sockets) await rm(socket, { force: true });
}

/** Mount points below a folder, in the order in which they were made (proc(5), mountinfo, field 5). */
export function mountsBelow(mountinfo: string, folder: string): string[] {
  const points = mountinfo.split("\n").map((line) => unescaped(line.split(" ")[4] ?? ""));
  return points.filter((point) => point.startsWith(`${folder}/`));
}

function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_all, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** The ends of the containers' pairs at the bridge, and the bridge. */
async function interfacesOf(bridge: string): Promise<string[]> {
  const folder = `/sys/class/net/${bridge}`;
  return existsSync(folder) ? [...(await readdir(`${folder}/brif`)), bridge] : [];
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}

async function findProcesses(folders: Folders, cgroups: readonly string[]): Promise<ProcessIdentity[]> {
  const inCgroups = new Set<number>();
  for (const folder of cgroups) {
    const text = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "");
    for (const pid of text.split("\n").filter(Boolean)) inCgroups.add(Number(pid));
  }
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const identity = await identityOf(pid);
      return identity !== undefined && (inCgroups.has(pid) || (await isDaemonOf(identity, folders)))
        ? identity
        : undefined;
    }),
  );
  return found.filter((identity) => identity !== undefined);
}

/** Daemons, shims and the relay name our folder in their arguments; docker-proxy only works in it. Other programs there are users' tools. */
async function isDaemonOf({ pid, command }: ProcessIdentity, folders: Folders): Promise<boolean> {
  const [exe, cwd] = await Promise.all(
    ["exe", "cwd"].map((link) => readlink(`/proc/${pid}/${link}`).catch(() => "")),
  );
  if (command.includes("/package-relay/main.ts ")) return command.includes(folders.packages);
  if (!/^(dockerd|docker-proxy|containerd(-shim.*)?)$/.test(basename(exe ?? ""))) return false;
  return command.includes(`${folders.state}/`) || `${cwd}/`.startsWith(`${folders.state}/`);
}

/** Our cgroups in every hierarchy, parents first; version 2 has one at the top. */
async function cgroupFolders(name: string): Promise<string[]> {
  const top = "/sys/fs/cgroup";
  const hierarchies = [top, ...(await readdir(top)).map((entry) => join(top, entry))];
  const roots = hierarchies.map((hierarchy) => join(hierarchy, name)).filter((folder) => existsSync(folder));
  const below = await Promise.all(
    roots.map(async (root) => {
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
      return [
        root,
        ...entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name)),
      ];
    }),
  );
  return below.flat().sort();
}

/** A shim's socket lies outside our folder, under a hash; containerd keeps its address in the bundle. */
async function shimSockets(folders: Folders): Promise<string[]> {
  const tasks = join(folders.state, "containerd-run", "io.containerd.runtime.v2.task", "moby");
  const bundles = await readdir(tasks).catch(() => []);
  const addresses = await Promise.all(
    bundles.map((id) => readFile(join(tasks, id, "address"), "utf8").catch(() => "")),
  );
  return addresses
    .map((address) => address.trim().replace(/^unix:\/\//, ""))
    .filter((path) => path !== "" && existsSync(path));
}

async function rulesNaming(bridge: string): Promise<string[]> {
  const { stdout } = await tryCommand(["iptables-save"]).catch(() => ({ stdout: "" }));
  return stdout.split("\n").filter((line) => line.includes(bridge));
}
