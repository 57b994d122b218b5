import { join } from "node:path";
import { agentHome, sessionSocket } from "../agent-home.ts";
import type { ServeOptions } from "../command-options.ts";
import { Job } from "../job/job.ts";
import { listenForSessions } from "../job/session-server.ts";
import { listenForSupervisor } from "../job/supervisor-link.ts";

/** Serves the hook's sessions and the supervisor of the job container, until a signal ends it. */
export async function serve(options: ServeOptions): Promise<never> {
  const { externals, runtime, work } = options;
  const folder = join(runtime, "slipway/io");
  const link = await listenForSupervisor({ socket: join(folder, "supervisor.sock"), folder });
  const job = new Job({ link, work, externals: { from: externals, to: join(runtime, "externals") } });
  await listenForSessions(sessionSocket(agentHome(options)), job);
  return new Promise(() => undefined);
}
