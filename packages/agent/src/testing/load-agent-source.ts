import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The text of the agent, bundled from its sources as they are now: for tests, which must not depend on a build. */
export async function loadAgentSource(): Promise<string> {
  const script = fileURLToPath(new URL("../../scripts/bundle.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, "-"], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}
