import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryCommand } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

/** A containerd for the time of one piece of work, with its content in `root` and everything else thrown away. */
export async function withPrivateContainerd(
  root: string,
  work: (ctr: readonly string[]) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-containerd-"));
  const socket = join(folder, "containerd.sock");
  const config = join(folder, "config.toml");
  await mkdir(root, { recursive: true });
  await writeFile(
    config,
    `version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[ttrpc]\n  address = "${socket}.ttrpc"\n`,
  );
  const args = ["--config", config, "--root", root, "--state", join(folder, "run"), "--address", socket];
  const child = spawn("containerd", args, { stdio: "ignore" });
  const ended = once(child, "close");
  try {
    const ctr = ["ctr", "--address", socket];
    await waitUntil("containerd for the node image", 30_000, async () => {
      const { code } = await tryCommand([...ctr, "version"], { timeoutMs: 5_000 });
      return code === 0 ? true : undefined;
    });
    await work(ctr);
  } finally {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}
