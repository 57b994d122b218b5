import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import tar from "tar-fs";
import type { Cluster } from "./cluster.ts";
import { execInPod, outputInPod } from "./exec.ts";

const COMPARISONS = 15;
const PAUSE_MS = 1_000;

/** A folder of the runner into one of the pod: tar by exec, a `chmod` process for each file, then the lists of both sides. */
export async function copyToPod(cluster: Cluster, pod: string, from: string, to: string): Promise<void> {
  const unpack = [
    `tar xf - --no-same-owner -C ${to} 2>/dev/null`,
    `find ${to} -type f -exec chmod u+rw {} \\;`,
    `find ${to} -type d -exec chmod u+rwx {} \\;`,
  ].join("; ");
  const sink = () => new PassThrough().resume();
  const stdin = tar.pack(from);
  await execInPod(cluster, pod, ["sh", "-c", unpack], { stdin, stdout: sink(), stderr: sink() });
  await compare(cluster, pod, { onRunner: from, inPod: to });
}

/**
 * A folder of the pod into one of the runner. The official hook was seen to compare before everything was written, and then to
 * copy a second time; here it waits for the end of the files, which is quicker.
 */
export async function copyFromPod(cluster: Cluster, pod: string, from: string, into: string): Promise<void> {
  const extract = tar.extract(into);
  const written = finished(extract);
  const command = ["tar", "cf", "-", "-C", dirname(from), basename(from)];
  await execInPod(cluster, pod, command, { stdout: extract, stderr: new PassThrough().resume() });
  await written;
  await compare(cluster, pod, { onRunner: join(into, basename(from)), inPod: from });
}

/** Sizes and names of both sides, until they are the same; a difference that stays is no error. */
async function compare(
  cluster: Cluster,
  pod: string,
  { onRunner, inPod }: { readonly onRunner: string; readonly inPod: string },
): Promise<void> {
  const wanted = await listOf(onRunner);
  for (let round = 0; round < COMPARISONS; round += 1) {
    const command = ["sh", "-c", `cd ${inPod} && find . -type f -exec stat -c '%s %n' {} \\;`];
    const found = (await outputInPod(cluster, pod, command)).trim().split("\n").sort().join("\n");
    if (found === wanted) return;
    await delay(PAUSE_MS);
  }
}

async function listOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const lines = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${(await stat(path)).size} .${path.slice(folder.length)}`;
    });
  return (await Promise.all(lines)).sort().join("\n");
}
