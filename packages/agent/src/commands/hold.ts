import { BuildError } from "@slipway/core";
import type { HoldOptions } from "../command-options.ts";

/** Keeps the container alive for `changes`. A signal ends it; when none comes, nobody is interested any more. */
export async function hold({ timeoutSeconds }: HoldOptions): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.min(timeoutSeconds * 1000, 2 ** 31 - 1)));
  throw new BuildError("TIMED_OUT", `Nobody ended this pod within ${timeoutSeconds} seconds`, {
    remedy: "See in the log of the job what became of its runner",
  });
}
