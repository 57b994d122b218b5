import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { BuildError } from "@slipway/core";
import { formatSnapshot, parseSnapshot, type TreeSnapshot } from "@slipway/filetree";

/** The memory of what the job's pod has: a file on the runner, for every call of the hook is a process of its own. */
export class SentFiles {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Throws INVALID_REQUEST where it is missing or damaged: to guess would leave files of a step behind. */
  read(): TreeSnapshot {
    try {
      return parseSnapshot(readFileSync(this.#file, "utf8"));
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
      throw new BuildError(
        "INVALID_REQUEST",
        `What was sent to the job's pod is not known: ${this.#file} ${missing ? "is missing" : "cannot be used"}`,
        {
          remedy:
            "Run the job again; let nothing on the runner delete or change folders below RUNNER_TEMP while a job runs",
          cause,
        },
      );
    }
  }

  /** Takes the place of what was there at once, so that a killed process leaves no half of it. */
  write(sent: TreeSnapshot): void {
    const waiting = `${this.#file}.new`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(waiting, formatSnapshot(sent), { mode: 0o600 });
      renameSync(waiting, this.#file);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new BuildError(
        "INVALID_REQUEST",
        `What was sent to the job's pod cannot be remembered: ${reason}`,
        {
          remedy: "Free disk space on the runner, and check that its work folder is writable",
          cause,
        },
      );
    }
  }
}
