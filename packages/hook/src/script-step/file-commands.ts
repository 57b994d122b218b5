import { closeSync, constants, fchmodSync, fstatSync, openSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "@slipway/core";

/** The runner's folder below `_temp` with the files behind GITHUB_OUTPUT, GITHUB_ENV and the like. */
export const FILE_COMMANDS_FOLDER = "_runner_file_commands";

/** Where the job container sees it; the container of a container step has another place for it. */
const IN_CONTAINER = `/__w/_temp/${FILE_COMMANDS_FOLDER}/`;

/**
 * Lets every user of the job container write the file commands of its step, where runner and container share the work folder: the runner
 * makes them for its own user alone. Links are not followed, since earlier steps may have left some. Throws INVALID_REQUEST.
 */
export function openFileCommands(
  environment: Readonly<Record<string, string>>,
  workFolder: string,
  inContainer: string = IN_CONTAINER,
): void {
  const names = new Set(
    Object.values(environment)
      .filter((value) => value.startsWith(inContainer))
      .map((value) => value.slice(inContainer.length))
      .filter((name) => /^[\w-]+(\.[\w-]+)*$/.test(name)),
  );
  if (names.size === 0) return;
  const folder = join(realpathSync(workFolder), "_temp", FILE_COMMANDS_FOLDER);
  for (const name of names) openFor(folder, name);
}

function openFor(folder: string, name: string): void {
  const path = join(folder, name);
  try {
    if (realpathSync(folder) !== folder) throw new Error(`${folder} leads elsewhere through a link`);
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!fstatSync(file).isFile()) throw new Error("it is no file");
      fchmodSync(file, 0o666);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    // A variable may name a file that the runner did not make.
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildError(
      "INVALID_REQUEST",
      `The file command ${path} cannot be made writable for the step: ${reason}`,
      {
        remedy: "Let no step replace the runner's own files below RUNNER_TEMP",
        cause,
      },
    );
  }
}
