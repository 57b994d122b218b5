import { isBuildError, toBuildError } from "@slipway/core";
import { parseOptions, type SessionOptions } from "../command-options.ts";
import { session } from "../commands/session.ts";
import { startedAs } from "../started-as.ts";
import { errorLine } from "../termination-log.ts";

// A program of its own for the one command that every step waits for: it loads a twentieth of the agent.

process.exitCode = 1;
process.once("SIGTERM", () => process.exit(143));
process.once("SIGINT", () => process.exit(130));

const { options } = startedAs(process.argv, process.execArgv);

async function run(): Promise<void> {
  await session(parseOptions(options ?? "{}") as SessionOptions);
  process.exitCode = 0;
}

run().catch((error: unknown) => {
  if (!isBuildError(error) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.stderr.write(`${errorLine(toBuildError(error))}\n`, () => process.exit(1));
});
