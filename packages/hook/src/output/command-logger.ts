import type { Logger } from "@slipway/core";
import type { LogLevel } from "../settings.ts";
import type { StepOutput } from "./step-output.ts";
import { workflowCommand } from "./workflow-commands.ts";

const LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug"];

/** The runner's command for each level: debug lines go through its own, so that they show only where debug logging is on. */
export const COMMANDS: Readonly<Record<LogLevel, string>> = {
  error: "error",
  warn: "warning",
  info: "notice",
  debug: "debug",
};

/** A logger that costs nothing to load, for while a step prints. */
export function commandLogger(level: LogLevel, output: StepOutput): Logger {
  const log = (of: LogLevel) => (message: string) => {
    if (LEVELS.indexOf(of) <= LEVELS.indexOf(level))
      void output.between(workflowCommand(COMMANDS[of], message));
  };
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}
