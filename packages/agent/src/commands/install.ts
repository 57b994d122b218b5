import { chmodSync, constants, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { agentHome } from "../agent-home.ts";
import type { AgentIo } from "../agent-io.ts";
import type { InstallOptions } from "../command-options.ts";
import { runtimeFiles } from "../install/runtime-files.ts";

/** Prepares the volumes of a job pod, so that agent and Node run in any image. Can be repeated. */
export async function install(options: InstallOptions, io: AgentIo): Promise<void> {
  const source = await io.source();
  writeFileSync(join(agentHome(options), "agent.cjs"), source);
  const own = join(options.runtime, "slipway");
  rmSync(own, { recursive: true, force: true });
  for (const folder of [own, join(own, "lib"), join(options.runtime, "externals")]) makeFolder(folder, 0o755);
  makeFolder(join(own, "io"), 0o777);
  writeFileSync(join(own, "agent.cjs"), source, { mode: 0o644 });
  const { node, loader, libraries } = runtimeFiles(process.execPath);
  copyProgram(node, join(own, "node"));
  copyProgram(loader, join(own, "ld.so"));
  for (const [name, path] of libraries) copyProgram(path, join(own, "lib", name));
  for (const folder of options.folders) makeFolder(folder, 0o777);
}

function copyProgram(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  // A library's own mode may be closed to other users, as an image builder's umask left it.
  chmodSync(to, 0o755);
}

/** Makes it and what is missing above it, with this mode whatever the umask; what is there stays as it is. */
function makeFolder(path: string, mode: number): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) chmodSync(folder, mode);
}
