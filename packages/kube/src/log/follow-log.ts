import { isBuildError } from "@slipway/core";
import { throwIfCancelled } from "../cancellation.ts";
import { type Clock, sleep, systemClock } from "../clock.ts";
import { containerEnd, containerState, podHasEnded } from "../container-state.ts";
import type { KubeApi } from "../kube-api.ts";
import { LogLines, type LogPiece } from "./log-lines.ts";
import { LogPosition } from "./log-position.ts";

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
    const stream = new AbortController();
    const { signal } = this.#options;
    // An abort that came earlier tells no listener, and the stream would be open until it is silent for long.
    throwIfCancelled(signal);
    const onAbort = () => stream.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const log = await this.#open(true, stream.signal, [400, 404]);
      if (typeof log !== "string") await this.#deliver(this.#watched(log), new LogLines());
    } finally {
      signal?.removeEventListener("abort", onAbort);
      stream.abort();
    }
  }

  /** The container has ended: everything that is left, in reads that end by themselves. */
  async #lastRead(): Promise<void> {
    for (let tries = 1; tries <= LAST_READ_TRIES; tries += 1) {
      const lines = new LogLines();
      const log = await this.#open(false, this.#options.signal, [400, 404, 500]);
      if (typeof log === "string") return this.#notice(`can no longer be read: ${log}`);
      if (!(await this.#deliver(log, lines))) continue;
      for (const piece of lines.end()) this.#pass(piece);
      return;
    }
    this.#notice("could not be read to its end");
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

  /** The same stream, but given up when it is silent although there is more: half-open connections, and nodes that rotate logs. */
  async *#watched(log: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const iterator = log[Symbol.asyncIterator]();
    for (let next = iterator.next(); ; ) {
      const result = await orSilence(next, this.#clock, this.#options.stallMs ?? 30_000);
      if (result === undefined) {
        if (await this.#hasMore()) {
          // Left behind on purpose: it is aborted, and its end is of no interest.
          next.catch(() => undefined);
          return;
        }
      } else {
        if (result.done === true) return;
        yield result.value;
        next = iterator.next();
      }
    }
  }

  /** Whether the pod, or a read of its own, shows what the stream does not. */
  async #hasMore(): Promise<boolean> {
    if ((await this.#state()) !== "running") return true;
    const log = await this.#open(false, this.#options.signal, [400, 404]);
    if (typeof log === "string") return true;
    const lines = new LogLines();
    const position = this.#position.copy();
    for await (const chunk of log) {
      for (const piece of lines.push(chunk)) if (position.take(piece) !== undefined) return true;
    }
    return false;
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

/** What the promise gives, or undefined when it gives nothing for so long. */
async function orSilence<T>(promise: Promise<T>, clock: Clock, milliseconds: number): Promise<T | undefined> {
  let stop = () => {};
  const silence = new Promise<undefined>((resolve) => {
    stop = clock.after(milliseconds, () => resolve(undefined));
  });
  return Promise.race([promise, silence]).finally(stop);
}
