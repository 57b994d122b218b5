import { existsSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "@slipway/core";
import { agentHome, receivedMark } from "../agent-home.ts";
import type { AgentIo } from "../agent-io.ts";
import type { ReceiveOptions } from "../command-options.ts";
import { pollUntil } from "../poll-until.ts";

/** Installs the agent for the containers that follow, and waits until `unpack` has received everything. */
export async function receive(options: ReceiveOptions, io: AgentIo): Promise<void> {
  const home = agentHome(options);
  for (const folder of [home, ...(options.folders ?? [])]) assertMounted(folder);
  await install(join(home, "agent.cjs"), io);
  const arrived = await pollUntil(() => existsSync(receivedMark(home)), options.timeoutSeconds);
  if (arrived) return;
  throw new BuildError("TIMED_OUT", `No files arrived within ${options.timeoutSeconds} seconds`, {
    remedy: "See in the log of the job why it did not send them; where it was still sending, raise the limit",
  });
}

async function install(path: string, io: AgentIo): Promise<void> {
  // Renamed into place: whoever finds it finds all of it.
  writeFileSync(`${path}.part`, await io.source());
  renameSync(`${path}.part`, path);
}

function assertMounted(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new BuildError("INVALID_CONFIG", `The volume ${folder} is not mounted`, {
    remedy: "Keep the volumes that Slipway puts into the pod: a template or an admission webhook removed one",
  });
}
