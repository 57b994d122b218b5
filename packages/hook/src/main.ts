import { writeSync } from "node:fs";
import { BuildError, toBuildError } from "@slipway/core";
import { finalLine } from "./output/final-line.ts";
import { StepOutput } from "./output/step-output.ts";
import { readStdin } from "./read-stdin.ts";
import { runHook } from "./run-hook.ts";

// First of all: a process whose event loop runs dry ends with this, and only proven success changes it.
process.exitCode = 1;

/** The text of the agent; the bundler puts it here. */
declare const SLIPWAY_AGENT_SOURCE: string;

/** The runner kills ten seconds after its first signal; what deletes must be over by then. */
const LAST_MOMENT_MS = 5000;
const CANCELLED_EXIT_CODE = 130;

const output = new StepOutput(process.stdout);
const cancellation = new AbortController();

process.on("exit", sayThatNothingWasProven);
process.on("SIGINT", () => cancel("SIGINT"));
process.on("SIGTERM", () => cancel("SIGTERM"));
process.on("uncaughtException", (error) => abort(toBuildError(error), 1));
process.on("unhandledRejection", (error) => abort(toBuildError(error), 1));
// The step's output is stdout; nothing of ours needs stderr, and its reader may be gone.
process.stderr.on("error", () => undefined);

void main();

async function main(): Promise<void> {
  const { signal } = cancellation;
  try {
    const exitCode = await runHook({
      stdin: await readStdin(process.stdin, signal),
      env: process.env,
      output,
      signal,
      agentSource: SLIPWAY_AGENT_SOURCE,
      execPath: process.execPath,
      importModule: (url) => import(url),
      runnerUser: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    });
    await end(exitCode);
  } catch (error) {
    // What stopped us says more than what broke because of it.
    const failure = toBuildError(signal.aborted ? signal.reason : error);
    await output.line(finalLine(failure));
    await end(failure.code === "CANCELLED" ? CANCELLED_EXIT_CODE : 1);
  }
}

/** Open sockets must not keep a finished hook alive, and the runner waits for its streams to close. */
async function end(exitCode: number): Promise<void> {
  await output.flush();
  process.off("exit", sayThatNothingWasProven);
  process.exit(exitCode);
}

function cancel(name: string): void {
  if (cancellation.signal.aborted) process.exit(CANCELLED_EXIT_CODE);
  abort(new BuildError("CANCELLED", `The runner stopped the step (${name})`), CANCELLED_EXIT_CODE);
}

/** Has everything deleted that was made; ends the process when that takes too long. */
function abort(reason: BuildError, exitCode: number): void {
  if (cancellation.signal.aborted) return;
  cancellation.abort(reason);
  setTimeout(() => process.exit(exitCode), LAST_MOMENT_MS).unref();
}

function sayThatNothingWasProven(): void {
  const line = finalLine(
    cancellation.signal.aborted ? toBuildError(cancellation.signal.reason) : withoutResult(),
  );
  try {
    writeSync(1, `\n${line}\n`);
  } catch {
    // Nobody reads any more.
  }
}

function withoutResult(): BuildError {
  return new BuildError("INTERNAL", "The hook ended without a result", {
    remedy:
      "Run the job again with debug logging, and report it with that log; it is a defect, not a setting",
  });
}
