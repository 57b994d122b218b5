import type { V1Pod } from "@kubernetes/client-node";
import type { KubeApi } from "@slipway/kube";
import { nameOf } from "../container-step/step-objects.ts";
import type { StepOutput } from "../output/step-output.ts";
import { inertLine, workflowCommand } from "../output/workflow-commands.ts";

/** Names the service containers of a job's pod, separated by commas; a pod has other containers, too. */
export const SERVICES_ANNOTATION = "slipway.dev/services";
const SHOWN_AT_THE_END = 200;
/** Nobody waits longer for a log when a job is over. */
const PATIENCE_MS = 3000;

/** What is kept of a log while it is read: enough for the lines that anybody reads. */
const MAX_TAIL_BYTES = 256 * 1024;

/** Prints what the services of a job's pod said last, each in a group of its own, as a runner with docker does. Never rejects. */
export async function showServiceLogs(
  pod: V1Pod,
  {
    api,
    output,
    signal,
  }: { readonly api: KubeApi; readonly output: StepOutput; readonly signal: AbortSignal },
): Promise<void> {
  const services = pod.metadata?.annotations?.[SERVICES_ANNOTATION]?.split(",") ?? [];
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  for (const container of services) {
    const lines = await lastLogLines(api, { pod: nameOf(pod), container }, SHOWN_AT_THE_END, limit);
    if (lines.length === 0) continue;
    await output.line(workflowCommand("group", `Last lines of service ${container}`));
    for (const line of lines) await output.line(line);
    await output.line("::endgroup::");
  }
}

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
