import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cluster } from "./cluster.ts";
import { copyFromPod, copyToPod } from "./copy.ts";
import { execInPod, outputInPod } from "./exec.ts";
import { execLine, type ScriptedProgram } from "./shell-script.ts";

export interface ScriptStepArguments extends ScriptedProgram {
  readonly prependPath: readonly string[];
  readonly workingDirectory: string;
}

const TEMP = "/__w/_temp";
const ARRIVED = "/__w/_temp_pre";
const COMMANDS = "_runner_file_commands";

/** Seven connections: folder, `_temp` up, its list, merge, the step, file commands back, their list. */
export async function runScriptStep(cluster: Cluster, args: ScriptStepArguments, pod: string): Promise<void> {
  const { temp } = cluster.settings;
  const name = `${randomUUID()}.sh`;
  await writeFile(join(temp, name), scriptOf(args));
  try {
    await outputInPod(cluster, pod, ["sh", "-c", `mkdir -p ${ARRIVED}`]);
    await copyToPod(cluster, pod, temp, ARRIVED);
    await outputInPod(cluster, pod, ["sh", "-ec", merge()]);
    const own = { stdout: process.stdout, stderr: process.stderr };
    await execInPod(cluster, pod, ["sh", "-e", `${TEMP}/${name}`], own);
    await copyFromPod(cluster, pod, `${TEMP}/${COMMANDS}`, temp);
  } finally {
    await rm(join(temp, name), { force: true });
  }
}

/** How the rest of `_temp` is copied is not described (7 to 11 s for 2,000 files were measured): here by one `cp`. */
function merge(): string {
  return [
    `rm -rf ${TEMP}/${COMMANDS}`,
    `mkdir -p ${TEMP}`,
    `cp -a ${ARRIVED}/. ${TEMP}`,
    `rm -rf ${ARRIVED}`,
  ].join("\n");
}

function scriptOf(args: ScriptStepArguments): string {
  const path = args.prependPath.length > 0 ? [`export PATH=${args.prependPath.join(":")}:$PATH`] : [];
  return [
    "#!/bin/sh -l",
    "set -e",
    'rm "$0"',
    ...path,
    `cd ${args.workingDirectory} && ${execLine(args)}`,
    "",
  ].join("\n");
}
