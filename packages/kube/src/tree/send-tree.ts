import { BuildError, type Clock, isBuildError, sleep, systemClock } from "@slipway/core";
import {
  type Owner,
  type PackSummary,
  packTree,
  type TextSource,
  type TreeLimits,
  type TreeSource,
  type TreeSummary,
} from "@slipway/filetree";
import { containerEnd } from "../container-state.ts";
import type { KubeApi } from "../kube-api.ts";
import {
  type AgentCommand,
  agentCommand,
  agentError,
  agentFailure,
  isNotInstalled,
} from "./agent-command.ts";

/** Where the tree goes; the options of the agent's command `unpack`. */
export interface SendTreeOptions extends AgentCommand {
  /** Folder in the container; emptied first. */
  readonly into: string;
  /** File in the container that remembers what was unpacked. */
  readonly snapshot?: string;
  readonly owner?: Owner;
  /** Prefixes in the stream below which every user of the pod may write. */
  readonly worldWritable?: readonly string[];
  readonly limits?: TreeLimits;
  readonly clock?: Clock;
}

const TRIES = 3;
const PAUSE_MS = 500;
/** A container counts as running before its first process has installed the agent. */
const INSTALL_MS = 30_000;
const INSTALL_POLL_MS = 100;
/** From the last byte to the answer, at least: what is still on its way by then are the buffers of three connections. */
const ANSWER_MS = 120_000;
/** A receiver looks at everything once more; that it is slower than this has a cause. */
const SLOWEST_BYTES_PER_MS = 10_000;
/** How long kubelet and API server may take to show that a container has ended. */
const END_VISIBLE_MS = 10_000;

/**
 * Sends files into a container that runs the agent's `receive`, whole or not at all: three tries where a connection is lost, or the receiver does not answer.
 * Rejects with CONTEXT_UNAVAILABLE, with what the agent says, POD_LOST or CLUSTER_UNAVAILABLE.
 */
export async function sendTree(
  api: KubeApi,
  pod: string,
  container: string,
  sources: readonly (TreeSource | TextSource)[],
  options: SendTreeOptions,
  signal?: AbortSignal,
): Promise<PackSummary> {
  return new TreeSender(api, { pod, container }, sources, options, signal).run();
}

class TreeSender {
  readonly #api: KubeApi;
  readonly #target: { readonly pod: string; readonly container: string };
  readonly #sources: readonly (TreeSource | TextSource)[];
  readonly #options: SendTreeOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #clock: Clock;
  #attempt = 0;
  /** Of the last try that was packed to its end. */
  #sent: PackSummary | undefined;

  constructor(
    api: KubeApi,
    target: { readonly pod: string; readonly container: string },
    sources: readonly (TreeSource | TextSource)[],
    options: SendTreeOptions,
    signal: AbortSignal | undefined,
  ) {
    this.#api = api;
    this.#target = target;
    this.#sources = sources;
    this.#options = options;
    this.#signal = signal;
    this.#clock = options.clock ?? systemClock;
  }

  async run(): Promise<PackSummary> {
    const installedBy = this.#clock.now() + INSTALL_MS;
    for (let tries = 1; ; tries += 1) {
      const failure = await this.#try();
      if (failure === undefined) break;
      if (isNotInstalled(failure.error) && this.#clock.now() < installedBy) {
        tries -= 1;
        await sleep(this.#clock, INSTALL_POLL_MS, this.#signal);
        continue;
      }
      if (await this.#received(failure)) break;
      if (tries === TRIES || !mayPass(failure.error)) throw failure.error;
      await sleep(this.#clock, PAUSE_MS * tries, this.#signal);
    }
    if (this.#sent === undefined) throw endedEarly(this.#target.container);
    return this.#sent;
  }

  /** undefined: the receiver has proven that it has what was sent. */
  async #try(): Promise<TryFailure | undefined> {
    const { into, snapshot, owner, worldWritable } = this.#options;
    this.#attempt += 1;
    const unpack = { attempt: this.#attempt, into, snapshot, owner, worldWritable };
    const command = agentCommand("unpack", unpack, this.#options);
    const printed: Buffer[] = [];
    const stdout = (chunk: Buffer) => void printed.push(chunk);
    let sent: PackSummary | undefined;
    const { pod, container } = this.#target;
    const hanging = new AbortController();
    let stopWaiting = () => {};
    const stdin = withSummary(packTree(this.#sources, this.#options.limits), (summary) => {
      sent = summary;
      this.#sent = summary;
      // A receiver that hangs shows in nothing else: the API server answers pings in its place.
      stopWaiting = this.#clock.after(answerLimitMs(summary), () => hanging.abort(unanswered(container)));
    });
    const signal = AbortSignal.any([hanging.signal, ...(this.#signal === undefined ? [] : [this.#signal])]);
    try {
      const streams = { stdin, stdout };
      const { exitCode, stderr } = await this.#api.exec(pod, container, command, streams, signal);
      const confirmed = sent !== undefined && confirms(printed, sent);
      if (exitCode === 0 && confirmed) return undefined;
      const error = exitCode === 0 ? unconfirmed(container) : agentFailure("unpack", exitCode, stderr);
      return { error, mayHaveEnded: agentError(stderr) === undefined };
    } catch (error) {
      if (!isBuildError(error) || !error.retryable) return { error, mayHaveEnded: false };
      return { error, mayHaveEnded: true };
    } finally {
      stopWaiting();
    }
  }

  /**
   * Whether the container has ended with success all the same: it ends as soon as it has everything, and may take the connection, and
   * even the exit code of the command, with it.
   */
  async #received({ error, mayHaveEnded }: TryFailure): Promise<boolean> {
    if (!mayHaveEnded || this.#sent === undefined) return false;
    // Without the container there was nobody to lose a connection to, so its end must show soon.
    const patient = isBuildError(error) && error.code === "POD_LOST";
    const until = this.#clock.now() + (patient ? END_VISIBLE_MS : 0);
    for (;;) {
      const pod = await this.#api.get("pods", this.#target.pod, this.#signal);
      const end = pod === undefined ? undefined : containerEnd(pod, this.#target.container);
      if (end !== undefined || pod === undefined || this.#clock.now() >= until) return end?.exitCode === 0;
      await sleep(this.#clock, PAUSE_MS, this.#signal);
    }
  }
}

interface TryFailure {
  readonly error: unknown;
  readonly mayHaveEnded: boolean;
}

/** Passes a packed stream on, and hands over what the packer returns at its end. */
async function* withSummary(
  stream: AsyncGenerator<Buffer, PackSummary>,
  onEnd: (summary: PackSummary) => void,
): AsyncGenerator<Buffer, void> {
  try {
    for (;;) {
      const { done, value } = await stream.next();
      if (done === true) return onEnd(value);
      yield value;
    }
  } finally {
    await stream.return(undefined as never);
  }
}

function confirms(printed: readonly Buffer[], sent: TreeSummary): boolean {
  try {
    const summary = JSON.parse(Buffer.concat(printed).toString("utf8")) as Partial<TreeSummary>;
    return summary.sha256 === sent.sha256 && summary.entries === sent.entries && summary.bytes === sent.bytes;
  } catch {
    return false;
  }
}

function mayPass(error: unknown): boolean {
  return isBuildError(error) && (error.retryable || error.details["changed"] === true);
}

function answerLimitMs({ entries, bytes }: TreeSummary): number {
  return ANSWER_MS + entries + bytes / SLOWEST_BYTES_PER_MS;
}

function unanswered(container: string): BuildError {
  return new BuildError("CLUSTER_UNAVAILABLE", `container ${container} took all files and does not answer`, {
    remedy: "Try again; if it recurs, look at the node: its container runtime, its disk, its load",
  });
}

function unconfirmed(container: string): BuildError {
  return new BuildError(
    "CLUSTER_UNAVAILABLE",
    `container ${container} did not confirm the files that were sent to it`,
    {
      remedy: "Try again; if it recurs, look for proxies that cut connections to the API server",
    },
  );
}

function endedEarly(container: string): BuildError {
  return new BuildError("POD_LOST", `container ${container} ended before the files were sent to it`, {
    remedy: "Look at the log of that container",
  });
}
