import { constants } from "node:os";
import { BuildError } from "@slipway/core";
import type { AgentIo } from "./agent-io.ts";
import {
  type ChangesOptions,
  type HoldOptions,
  type InstallOptions,
  type PushCommandOptions,
  parseOptions,
  type ReceiveOptions,
  type ServeOptions,
  type SessionOptions,
  type SuperviseOptions,
  type UnpackCommandOptions,
} from "./command-options.ts";
import { changes } from "./commands/changes.ts";
import { hold } from "./commands/hold.ts";
import { install } from "./commands/install.ts";
import { push } from "./commands/push.ts";
import { receive } from "./commands/receive.ts";
import { serve } from "./commands/serve.ts";
import { session } from "./commands/session.ts";
import { supervise } from "./commands/supervise.ts";
import { unpack } from "./commands/unpack.ts";
import { TERMINATION_LOG } from "./termination-log.ts";

/** Those that are the main process of a container: their errors also become its termination message. */
const MAIN_PROCESSES = ["receive", "push", "hold", "install", "serve", "supervise"];

/** Signals that programs send to others by name or to all; the last one would open Node's debugger. */
export const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"] as const;

/**
 * With what to end at a signal; undefined: go on. `supervise` goes on, for a step may well say `pkill -f node`, and its container must outlive
 * that: it ends with `serve`, which no step can reach, and which works until somebody deletes the pod.
 */
export function exitCodeAt(
  signal: (typeof SIGNALS)[number],
  command: string | undefined,
): number | undefined {
  if (command === "supervise" || signal === "SIGUSR1") return undefined;
  if (signal === "SIGTERM") return command === "serve" ? 0 : 143;
  return 128 + constants.signals[signal];
}

/** One start of the agent. Resolves only when the work is proven; rejects with a BuildError, or with what was unforeseen. */
export async function runCommand(
  command: string | undefined,
  optionsText: string | undefined,
  io: AgentIo,
): Promise<void> {
  // `session` alone needs none.
  const options = parseOptions(command === "session" ? (optionsText ?? "{}") : optionsText);
  switch (command) {
    case "receive":
      return receive(options as ReceiveOptions, io);
    case "unpack":
      return unpack(options as UnpackCommandOptions, io);
    case "push":
      return push(options as PushCommandOptions, io);
    case "hold":
      return hold(options as HoldOptions);
    case "install":
      return install(options as InstallOptions, io);
    case "serve":
      return serve(options as ServeOptions);
    case "session":
      return session(options as SessionOptions);
    case "supervise":
      return supervise(options as SuperviseOptions, io);
    case "changes":
      return changes(options as ChangesOptions, io);
    default:
      throw new BuildError("INTERNAL", `The agent has no command ${JSON.stringify(command)}`, {
        remedy: "Let all containers of the pod run the same agent",
      });
  }
}

/** Where the error of this start belongs beside standard error; undefined for commands that run by exec. */
export function terminationLogOf(
  command: string | undefined,
  optionsText: string | undefined,
): string | undefined {
  if (!MAIN_PROCESSES.includes(command ?? "")) return undefined;
  try {
    const { terminationLog } = JSON.parse(optionsText ?? "") as { terminationLog?: string };
    return terminationLog ?? TERMINATION_LOG;
  } catch {
    return TERMINATION_LOG;
  }
}
