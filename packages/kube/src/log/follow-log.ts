import { type Clock, isBuildError, sleep, systemClock, throwIfCancelled } from "@slipway/core";
import { containerEnd, containerState, podHasEnded } from "../container-state.ts";
import type { KubeApi } from "../kube-api.ts";
import { LogLines, type LogPiece } from "./log-lines.ts";
import { LogPosition } from "./log-position.ts";
import { unlessSilent } from "./unless-silent.ts";

export interface FollowLogOptions {
  /**
   * Called for each line, without newline and time stamp: the very bytes that the container wrote. `terminated` is false for a
   * last line without newline, and for the pieces of a line over 1 MiB.
   */
  readonly onLine: (line: Buffer, terminated: boolean) => void;
  /** Told when output cannot be had any more; the log then ends early, since a lost log is no reason to fail. */
  readonly onNotice?: (text: string) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Milliseconds without output after which the stream is checked by a read of its own; 30 s when left out. */
  readonly stallMs?: number;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 1_000;
const LAST_READ_TRIES = 10;
const STALL_MS = 30_000;

interface Reading {
  readonly follow: boolean;
  /** Statuses that mean that there is no log. */
  readonly expected: readonly number[];
  /** Whether silence means that the connection is lost. */
  readonly isDead: () => Promise<boolean>;
}

/** What there is by now: a server that has begun to send it has no reason to pause. */
const ONE_READ: Reading = { follow: false, expected: [400, 404], isDead: () => Promise.resolve(true) };

/**
 * Passes on every byte that a container writes, once, until the container has ended. A cut connection, a silent one, and a container
 * that has not started are waited out. Resolves early when the pod is gone. Rejects with a BuildError of the API.
 */
export async function followLog(
  api: KubeApi,
  pod: string,
  container: string,
  options: FollowLogOptions,
): Promise<void> {
  await new LogFollower(api, pod, container, options).run();
}

class LogFollower {
  readonly #api: KubeApi;
  readonly #pod: string;
  readonly #container: string;
  readonly #options: FollowLogOptions;
  readonly #clock: Clock;
  readonly #position = new LogPosition();
  #waitMs = FIRST_WAIT_MS;

  constructor(api: KubeApi, pod: string, container: string, options: FollowLogOptions) {
    this.#api = api;
    this.#pod = pod;
    this.#container = container;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async run(): Promise<void> {
    for (;;) {
      await this.#follow();
      const state = await this.#state();
      if (state === "ended") return this.#lastRead();
      if (state === "gone") return;
      await sleep(this.#clock, this.#waitMs, this.#options.signal);
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    }
  }

  /** Reads until the stream ends, for whatever reason: the pod tells what it means. */
  async #follow(): Promise<void> {
    const reading = { follow: true, expected: [400, 404], isDead: () => this.#hasMore() };
    await this.#read(reading, async (log) => {
      if (typeof log !== "string") await this.#deliver(log, new LogLines());
    });
  }

  /** The container has ended: everything that is left, in reads that end by themselves. */
  async #lastRead(): Promise<void> {
    for (let tries = 1; tries <= LAST_READ_TRIES; tries += 1) {
      if (await this.#read({ ...ONE_READ, expected: [400, 404, 500] }, (log) => this.#finish(log))) return;
    }
    this.#notice("could not be read to its end");
  }

  /** False: the last read was cut off. */
  async #finish(log: AsyncIterable<Buffer> | string): Promise<boolean> {
    if (typeof log === "string") {
      this.#notice(`can no longer be read: ${log}`);
      return true;
    }
    const lines = new LogLines();
    if (!(await this.#deliver(log, lines))) return false;
    for (const piece of lines.end()) this.#pass(piece);
    return true;
  }

  /** Passes on what was not passed on before. False: the stream was cut; what is missing comes with the next read. */
  async #deliver(log: AsyncIterable<Buffer>, lines: LogLines): Promise<boolean> {
    this.#position.rewind();
    try {
      for await (const chunk of log) {
        this.#waitMs = FIRST_WAIT_MS;
        for (const piece of lines.push(chunk)) this.#pass(piece);
      }
      return true;
    } catch (error) {
      throwIfCancelled(this.#options.signal);
      if (error instanceof ConsumerFailure) throw error.cause;
      return false;
    }
  }

  /** Opens the log for as long as `use` needs it. */
  async #read<T>(
    { follow, expected, isDead }: Reading,
    use: (log: AsyncIterable<Buffer> | string) => Promise<T>,
  ): Promise<T> {
    const { signal, stallMs = STALL_MS } = this.#options;
    const stream = new AbortController();
    const either = signal === undefined ? stream.signal : AbortSignal.any([signal, stream.signal]);
    try {
      const log = await this.#open(follow, either, expected);
      return await use(typeof log === "string" ? log : unlessSilent(log, this.#clock, stallMs, isDead));
    } finally {
      stream.abort();
    }
  }

  /** Statuses that mean that there is no log, yet or any more, come back as the server's words. */
  async #open(
    follow: boolean,
    signal: AbortSignal | undefined,
    expected: readonly number[],
  ): Promise<AsyncIterable<Buffer> | string> {
    const { since } = this.#position;
    const options = { follow, ...(since === undefined ? {} : { sinceTime: since }) };
    try {
      return await this.#api.readLog(this.#pod, this.#container, options, signal);
    } catch (error) {
      throwIfCancelled(this.#options.signal);
      const status = isBuildError(error) ? error.details["status"] : undefined;
      if (typeof status === "number" && expected.includes(status)) return (error as Error).message;
      throw error;
    }
  }

  async #state(): Promise<"waiting" | "running" | "ended" | "gone"> {
    const pod = await this.#api.get("pods", this.#pod, this.#options.signal);
    if (pod === undefined) {
      this.#notice("ends here: the pod was deleted");
      return "gone";
    }
    if (containerEnd(pod, this.#container) !== undefined) return "ended";
    const started = containerState(pod, this.#container)?.running !== undefined;
    if (podHasEnded(pod)) return started ? "ended" : "gone";
    return started ? "running" : "waiting";
  }

  /** Whether the pod, or a read of its own, shows what the stream does not. */
  async #hasMore(): Promise<boolean> {
    if ((await this.#state()) !== "running") return true;
    return this.#read(ONE_READ, async (log) => {
      if (typeof log === "string") return true;
      const lines = new LogLines();
      const position = this.#position.copy();
      for await (const chunk of log) {
        for (const piece of lines.push(chunk)) if (position.take(piece) !== undefined) return true;
      }
      return false;
    });
  }

  #pass(piece: LogPiece): void {
    const news = this.#position.take(piece);
    if (news === undefined) return;
    try {
      this.#options.onLine(news.text, news.terminated);
    } catch (error) {
      throw new ConsumerFailure("the consumer of the log failed", { cause: error });
    }
  }

  #notice(text: string): void {
    this.#options.onNotice?.(`the log of container ${this.#container} ${text}`);
  }
}

/** Tells an error of our caller's from one of the connection's. */
class ConsumerFailure extends Error {}
