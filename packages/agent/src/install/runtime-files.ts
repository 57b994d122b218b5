import { readFileSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { BuildError } from "@slipway/core";
import { elfNames } from "./elf-names.ts";

/** What makes a running Node run elsewhere, under any other C library. */
export interface RuntimeFiles {
  readonly node: string;
  readonly loader: string;
  /** Path by the name that Node asks for. */
  readonly libraries: ReadonlyMap<string, string>;
}

/** The files of this very process: what the kernel and the loader have mapped as code (proc_pid_maps(5)). */
export function runtimeFiles(executable: string): RuntimeFiles {
  const interpreter = elfNames(executable)?.interpreter;
  if (interpreter === undefined) throw noLoader(executable);
  const [node, loader] = [realpathSync(executable), realpathSync(interpreter)];
  const mapped = codeFiles().filter((path) => path !== node && path !== loader);
  const libraries = new Map(mapped.map((path) => [elfNames(path)?.soname ?? basename(path), path]));
  // musl's loader is its C library as well, and needs no other name: it knows itself (ldso/dynlink.c).
  return { node, loader, libraries };
}

function codeFiles(): readonly string[] {
  const lines = readFileSync("/proc/self/maps", "utf8").split("\n");
  const paths = lines.flatMap((line) => /^\S+ ..x. \S+ \S+ \d+ +(\/.*)$/.exec(line)?.[1] ?? []);
  return [...new Set(paths)];
}

function noLoader(executable: string): BuildError {
  return new BuildError(
    "INVALID_CONFIG",
    `${executable} of the agent's image is no program that runs in other images`,
    {
      remedy:
        "Set SLIPWAY_AGENT_IMAGE to an image whose Node is dynamically linked, as that of the official runner is",
    },
  );
}
