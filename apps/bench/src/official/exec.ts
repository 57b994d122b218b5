import { PassThrough, type Readable, type Writable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Cluster } from "./cluster.ts";

const CONTAINER = "job";

export interface ExecPipes {
  readonly stdin?: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** One program in a pod over one WebSocket connection of client-node; rejects unless it ends with 0. */
export async function execInPod(
  { exec, settings }: Cluster,
  pod: string,
  command: readonly string[],
  { stdin, stdout, stderr }: ExecPipes,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onStatus: Parameters<typeof exec.exec>[8] = ({ status, message }) =>
      status === "Success" ? resolve() : reject(new Error(message ?? "the program failed"));
    exec
      .exec(settings.namespace, pod, CONTAINER, [...command], stdout, stderr, stdin ?? null, false, onStatus)
      .catch(reject);
  });
}

/** The same, for what a program prints. */
export async function outputInPod(
  cluster: Cluster,
  pod: string,
  command: readonly string[],
): Promise<string> {
  const stdout = new PassThrough();
  const printed = text(stdout);
  await execInPod(cluster, pod, command, { stdout, stderr: new PassThrough().resume() });
  return printed;
}
