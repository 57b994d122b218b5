import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { formatSnapshot, snapshotTree, unpackTree } from "@slipway/filetree";
import { agentHome, receivedMark } from "../agent-home.ts";
import type { AgentIo } from "../agent-io.ts";
import type { UnpackCommandOptions } from "../command-options.ts";
import { takeOver } from "../take-over.ts";

/** Unpacks the stream on standard input; prints the summary once it is proven whole, and lets `receive` end. */
export async function unpack(options: UnpackCommandOptions, io: AgentIo): Promise<void> {
  const { attempt, into, snapshot, owner, worldWritable } = options;
  const home = agentHome(options);
  await takeOver(home, attempt);
  empty(into);
  const summary = await unpackTree(io.stdin, into, { owner, worldWritable });
  if (snapshot !== undefined) writeFileSync(snapshot, formatSnapshot(snapshotTree(into)));
  await io.write(`${JSON.stringify(summary)}\n`);
  // Last, for it ends the container: an answer written after it might not get out.
  writeFileSync(receivedMark(home), "");
}

/** What is in it goes, the folder stays: it may be a mount point. */
function empty(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder, { encoding: "buffer" })) {
    rmSync(Buffer.concat([Buffer.from(`${folder}/`), name]), { recursive: true, force: true });
  }
}
