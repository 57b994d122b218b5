// A process that does of the hook's work only the transfer: JSON of SenderTask as its argument, SenderResult on its output.
import { createKubeApi, type KubeApiOptions, sendTree } from "@slipway/kube";

export interface SenderTask {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Path of Node in that container. */
  readonly node: string;
  readonly from: string;
  readonly into: string;
}

export interface SenderResult {
  readonly ms: number;
  /** Peak resident memory of the process, in KiB (getrusage(2)). */
  readonly maxRssKib: number;
}

const silent = () => undefined;
const logger: KubeApiOptions["logger"] = { debug: silent, info: silent, warn: silent, error: silent };

async function send(task: SenderTask): Promise<SenderResult> {
  const api = createKubeApi({ namespace: task.namespace, logger });
  // The hook has waited for the pod by then, so its configuration is read and its connection open.
  await api.get("pods", task.pod);
  const start = performance.now();
  const { into, node } = task;
  await sendTree(api, task.pod, task.container, [{ from: task.from, to: "" }], { into, node });
  return { ms: performance.now() - start, maxRssKib: process.resourceUsage().maxRSS };
}

process.stdout.write(JSON.stringify(await send(JSON.parse(process.argv[2] ?? "") as SenderTask)));
