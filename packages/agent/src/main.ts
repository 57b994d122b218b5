import { readFile } from "node:fs/promises";
import { isBuildError, toBuildError } from "@slipway/core";
import { writerTo } from "./agent-io.ts";
import { exitCodeAt, runCommand, SIGNALS, terminationLogOf } from "./run-command.ts";
import { standardInput } from "./standard-input.ts";
import { startedAs } from "./started-as.ts";
import { errorLine, writeTermination } from "./termination-log.ts";

// Whatever ends this process before its work is proven, a drained event loop included, ends it as a failure.
process.exitCode = 1;

const { command, options, evaluated } = startedAs(process.argv, process.execArgv);

// The first process of a container ignores signals that it has no handler for, and would be killed only after the grace period.
for (const signal of SIGNALS) {
  process.on(signal, () => {
    const exitCode = exitCodeAt(signal, command);
    if (exitCode !== undefined) process.exit(exitCode);
  });
}

const io = {
  stdin: standardInput(),
  write: writerTo(process.stdout),
  source: async () => evaluated ?? readFile(process.argv[1] ?? "", "utf8"),
};

runCommand(command, options, io).then(
  () => {
    process.exitCode = 0;
  },
  (error: unknown) => {
    const line = errorLine(toBuildError(error));
    const log = terminationLogOf(command, options);
    if (log !== undefined) writeTermination(log, line);
    if (!isBuildError(error) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    // At once: the other end may hold our standard input open for ever. Standard error is a pipe, and written synchronously.
    process.stderr.write(`${line}\n`, () => process.exit(1));
  },
);
