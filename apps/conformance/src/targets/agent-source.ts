import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const BUNDLER = join(import.meta.dirname, "../../../../packages/agent/scripts/bundle.mjs");

/** The agent as one file, made from the source as it stands. */
export async function agentSource(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [BUNDLER, "-"], {
    maxBuffer: 64 << 20,
  });
  return stdout;
}
