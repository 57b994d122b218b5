import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { BuildError } from "@slipway/core";
import { CANNOT_START, NO_SUCH_PROGRAM, StartFailure } from "./start-failure.ts";
import { DEFAULT_PATH } from "./step-environment.ts";

/** The working directory of a program. Throws StartFailure where it cannot be one. */
export function checkWorkingDirectory(folder: string): void {
  const stat = look(folder);
  if (stat?.isDirectory() !== true) {
    throw new StartFailure(
      CANNOT_START,
      new BuildError("INVALID_REQUEST", `There is no folder ${folder} in the job container`, {
        remedy: "Correct working-directory of the step, or make the folder in an earlier step",
      }),
    );
  }
  if (!may(folder, constants.X_OK)) throw forbidden("enter the folder", folder);
}

/** The file that a name stands for, as a shell finds it (POSIX XCU 2.9.1.4). Throws StartFailure: 127 where there is none, 126 where it may not run. */
export function findProgram(name: string, path: string | undefined, folder: string): string {
  const candidates = name.includes("/")
    ? [resolve(folder, name)]
    : // An empty entry is the working directory.
      (path || DEFAULT_PATH).split(":").map((entry) => resolve(folder, entry, name));
  const files = name === "" ? [] : candidates.filter((file) => look(file)?.isFile() === true);
  const found = files.find((file) => may(file, constants.X_OK));
  if (found !== undefined) return found;
  if (files[0] !== undefined) throw forbidden("run", files[0]);
  throw new StartFailure(
    NO_SUCH_PROGRAM,
    new BuildError(
      "INVALID_REQUEST",
      `There is no program ${JSON.stringify(name)} in the job container${where(name, path)}`,
      {
        remedy: "Use an image that has it, or name another shell for the step",
      },
    ),
  );
}

function where(name: string, path: string | undefined): string {
  return name.includes("/") ? "" : `, looked for in ${path || DEFAULT_PATH}`;
}

function forbidden(what: string, path: string): StartFailure {
  const user = `user ${process.getuid?.()}, group ${process.getgid?.()}`;
  return new StartFailure(
    CANNOT_START,
    new BuildError("INVALID_REQUEST", `The job container's user may not ${what} ${path} (${user})`, {
      remedy: "Change its mode in an earlier step, or the user of the container by options: --user",
    }),
  );
}

function look(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // Not a folder on the way, or one that may not be entered.
    return undefined;
  }
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
