import { BuildError, isBuildError } from "@slipway/core";
import { type StepCommand, type StepExit, toWireError } from "@slipway/step-protocol";

/** Exit codes of shells (POSIX XCU 2.8.2): found, but it cannot run; not found. */
export const CANNOT_START = 126;
export const NO_SUCH_PROGRAM = 127;

/** Linux takes no single argument or variable above this (MAX_ARG_STRLEN, execve(2)). */
const MAX_TEXT_BYTES = 128 * 1024;

/** A program that was not started, and the exit code that says so. */
export class StartFailure extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, cause: BuildError) {
    super(cause.message, { cause });
    this.exitCode = exitCode;
  }
}

/** The end of a program that never began. */
export function startFailureExit(error: unknown, file: string, command: StepCommand): StepExit {
  if (error instanceof StartFailure) {
    return { exitCode: error.exitCode, failure: toWireError(error.cause) };
  }
  return {
    exitCode: CANNOT_START,
    failure: toWireError(isBuildError(error) ? error : refused(error, file, command)),
  };
}

/** What the kernel's refusal means (execve(2), ERRORS). The files were found before, so ENOENT is about what they need. */
function refused(error: unknown, file: string, command: StepCommand): BuildError {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case "E2BIG":
      return tooLarge(command, error);
    case "ENOENT":
      return new BuildError("INVALID_REQUEST", `${file} is there, but its interpreter is not`, {
        remedy:
          "Install what its first line (#!) names: /bin/sh where there is none; a binary needs the loader of its C library",
        cause: error,
      });
    case "ENOEXEC":
      return new BuildError("INVALID_REQUEST", `${file} is no program for this machine`, {
        remedy: "Use a build for the node's architecture; a script needs a first line (#!)",
        cause: error,
      });
    case "EAGAIN":
    case "ENOMEM":
      return new BuildError("RESOURCE_EXHAUSTED", `The node has no room for another process (${code})`, {
        remedy: "Raise the limits of processes or memory of the job container",
        cause: error,
      });
    default:
      return new BuildError("INVALID_REQUEST", `${file} cannot be started: ${(error as Error).message}`, {
        remedy: "Correct the step's command, arguments or environment",
        cause: error,
      });
  }
}

function tooLarge({ args, environment }: StepCommand, cause: unknown): BuildError {
  const sizes = [
    ...args.map((text, at) => ({ what: `argument ${at + 1}`, bytes: Buffer.byteLength(text) })),
    ...Object.entries(environment).map(([name, value]) => ({
      what: `the variable ${name}`,
      bytes: Buffer.byteLength(name) + Buffer.byteLength(value),
    })),
  ].sort((a, b) => b.bytes - a.bytes);
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = sizes[0] === undefined ? "" : `; the largest is ${sizes[0].what} with ${sizes[0].bytes}`;
  return new BuildError(
    "INVALID_REQUEST",
    `Linux starts no program with so much: arguments and environment have ${total} bytes${largest}`,
    {
      remedy: `Pass large values in files: one may have ${MAX_TEXT_BYTES} bytes, all together about 2 MB`,
      cause,
    },
  );
}
