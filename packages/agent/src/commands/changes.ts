import { readFileSync } from "node:fs";
import { packChanges, parseSnapshot } from "@slipway/filetree";
import type { AgentIo } from "../agent-io.ts";
import type { ChangesOptions } from "../command-options.ts";

/** Writes to standard output what is different from the snapshot. The trailer of the stream is the proof that all of it came. */
export async function changes({ root, snapshot, only }: ChangesOptions, io: AgentIo): Promise<void> {
  const before = parseSnapshot(readFileSync(snapshot, "utf8"));
  for await (const chunk of packChanges(root, before, only)) await io.write(chunk);
}
