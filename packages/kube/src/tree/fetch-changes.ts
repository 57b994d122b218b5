import { type Clock, isBuildError, sleep, systemClock } from "@slipway/core";
import type { KubeApi } from "../kube-api.ts";
import { type AgentCommand, agentCommand, agentFailure } from "./agent-command.ts";
import { ByteChannel } from "./byte-channel.ts";

/** What to fetch; the options of the agent's command `changes`. */
export interface FetchChangesOptions extends AgentCommand {
  readonly root: string;
  readonly snapshot: string;
  /** Prefixes to look at; everything when left out. */
  readonly only?: readonly string[];
  readonly clock?: Clock;
}

const TRIES = 3;
const PAUSE_MS = 500;

/**
 * Reads from a container what changed there since a snapshot. `sink` gets the stream and must check it, trailer included; it is called
 * again after a lost connection, up to three times. Rejects with what the sink or the agent says, POD_LOST or CLUSTER_UNAVAILABLE.
 */
export async function fetchChanges<T>(
  api: KubeApi,
  pod: string,
  container: string,
  options: FetchChangesOptions,
  sink: (stream: AsyncIterable<Buffer>) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { root, snapshot, only, clock = systemClock } = options;
  const command = agentCommand("changes", { root, snapshot, only }, options);
  for (let tries = 1; ; tries += 1) {
    try {
      return await fetchOnce(api, { pod, container, command }, sink, signal);
    } catch (error) {
      if (tries === TRIES || !isBuildError(error) || !error.retryable) throw error;
      await sleep(clock, PAUSE_MS * tries, signal);
    }
  }
}

async function fetchOnce<T>(
  api: KubeApi,
  target: { readonly pod: string; readonly container: string; readonly command: readonly string[] },
  sink: (stream: AsyncIterable<Buffer>) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const channel = new ByteChannel();
  const stdout = (chunk: Buffer) => channel.put(chunk);
  const sent = run(api, target, stdout, signal).then(
    () => channel.end(),
    (error: unknown) => {
      channel.end({ error });
      throw error;
    },
  );
  const [received, ran] = await Promise.allSettled([sink(channel).finally(() => channel.close()), sent]);
  // The sink may have failed because of the sender: the cause goes first.
  if (ran.status === "rejected") throw ran.reason;
  if (received.status === "rejected") throw received.reason;
  return received.value;
}

async function run(
  api: KubeApi,
  target: { readonly pod: string; readonly container: string; readonly command: readonly string[] },
  stdout: (chunk: Buffer) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { exitCode, stderr } = await api.exec(
    target.pod,
    target.container,
    target.command,
    { stdout },
    signal,
  );
  if (exitCode !== 0) throw agentFailure("changes", exitCode, stderr);
}
