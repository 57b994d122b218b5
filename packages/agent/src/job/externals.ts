import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { BuildError } from "@slipway/core";

/** Where the job container sees them; the runner says so in the entry points of JavaScript actions. */
const MOUNTED_AT = "/__e/";

/** The runner's own programs, Node above all, on their way to the job container. */
export class Externals {
  readonly #copied: Promise<BuildError | undefined>;

  /** Starts copying: hundreds of megabytes, which is done while files arrive. */
  constructor(from: string, to: string) {
    this.#copied = existsSync(from) ? copy(from, to) : Promise.resolve(missing(from));
  }

  /** Settles when a program may start. Throws INVALID_CONFIG where it is one of those that could not be copied. */
  async ready(entryPoint: string): Promise<void> {
    const failure = await this.#copied;
    if (failure !== undefined && entryPoint.startsWith(MOUNTED_AT)) throw failure;
  }
}

/** cp(1): a process of its own, and it keeps links and modes. */
async function copy(from: string, to: string): Promise<BuildError | undefined> {
  try {
    mkdirSync(to, { recursive: true });
    const child = spawn("cp", ["-a", `${from}/.`, `${to}/`], { stdio: ["ignore", "ignore", "pipe"] });
    const [text, [exitCode]] = await Promise.all([firstOf(child.stderr), once(child, "close")]);
    return exitCode === 0 ? undefined : uncopied(from, text);
  } catch (error) {
    return uncopied(from, error instanceof Error ? error.message : String(error), error);
  }
}

/** The beginning of what is printed; all of it is read, or the program would wait. */
async function firstOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) if (text.length < 1000) text += String(chunk);
  return text.split("\n")[0] ?? "";
}

function missing(from: string): BuildError {
  return new BuildError(
    "INVALID_CONFIG",
    `The image of the agent has no folder ${from}, which holds the runner's Node`,
    {
      remedy:
        "Let SLIPWAY_AGENT_IMAGE name an image of the runner, or leave it unset: then it is the runner's own",
    },
  );
}

function uncopied(from: string, why: string, cause?: unknown): BuildError {
  return new BuildError(
    "INVALID_CONFIG",
    `The runner's programs in ${from} cannot be copied for the job container: ${why}`,
    {
      remedy: "Give the node more ephemeral storage, or correct the agent's image",
      cause,
    },
  );
}
