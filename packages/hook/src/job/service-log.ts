import type { KubeApi } from "@slipway/kube";
import { inertLine } from "../output/workflow-commands.ts";

/** What is kept of a log while it is read: enough for the lines that anybody reads. */
const MAX_TAIL_BYTES = 256 * 1024;

/** The last lines that a container printed, as lines that the runner only shows. None where its log cannot be read. */
export async function lastLogLines(
  api: KubeApi,
  place: { readonly pod: string; readonly container: string },
  count: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const tail = await logTail(api, place, signal).catch(() => "");
  const lines = tail.split("\n").filter((line) => line !== "");
  return lines.slice(-count).map((line) => inertLine(withoutTime(line)));
}

async function logTail(
  api: KubeApi,
  { pod, container }: { readonly pod: string; readonly container: string },
  signal: AbortSignal,
): Promise<string> {
  let tail = Buffer.alloc(0);
  for await (const chunk of await api.readLog(pod, container, { follow: false }, signal)) {
    const both = Buffer.concat([tail, chunk]);
    tail = both.subarray(Math.max(0, both.length - MAX_TAIL_BYTES));
  }
  const text = tail.toString("utf8");
  // The first line of a tail is the rest of one.
  return tail.length < MAX_TAIL_BYTES ? text : text.slice(text.indexOf("\n") + 1);
}

/** Kubernetes writes the time in front of each line, and a blank. */
function withoutTime(line: string): string {
  return line.slice(line.indexOf(" ") + 1);
}
