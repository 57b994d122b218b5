import { BuildError, cancellation, type Logger } from "@slipway/core";
import type { WebSocket } from "ws";
import type { AttemptScope } from "../client/http-attempt.ts";
import type { ExecOutcome, ExecStreams } from "../kube-api.ts";
import { CHANNEL, HALF_CLOSE_PROTOCOL, StdinFrames } from "./exec-frames.ts";
import { exitCodeOf } from "./exec-status.ts";
import type { ExecTarget } from "./exec-target.ts";
import { TailBuffer } from "./tail-buffer.ts";

const PING_EVERY_MS = 5_000;
/** Without any sign of life from the server. */
const SILENCE_LIMIT_MS = 30_000;
/** While the network does not take what we send: a server that waits for a slow receiver does not answer pings either. */
const STALL_LIMIT_MS = 60_000;
/** From the status to the close of the connection, which servers do at once. */
const CLOSE_LIMIT_MS = 2_000;
const STDERR_BYTES = 64 * 1024;

export interface ExecScope extends AttemptScope {
  readonly logger: Logger;
}

/** One open exec connection, from its first frame to its end. */
export class ExecSession {
  readonly #socket: WebSocket;
  readonly #target: ExecTarget;
  readonly #streams: ExecStreams;
  readonly #scope: ExecScope;
  readonly #frames: StdinFrames;
  readonly #stderr = new TailBuffer(STDERR_BYTES);
  #status: Buffer | undefined;
  /** Delivery of stdout, one chunk after the other. */
  #delivery: Promise<void> = Promise.resolve();
  #queued = 0;
  #lastSign: number;
  #stopTimer: () => void = () => undefined;
  #stopCloseTimer: () => void = () => undefined;
  #over = false;
  #finish: (error?: Error) => void = () => undefined;

  constructor(socket: WebSocket, target: ExecTarget, streams: ExecStreams, scope: ExecScope) {
    this.#socket = socket;
    this.#target = target;
    this.#streams = streams;
    this.#scope = scope;
    this.#lastSign = scope.clock.now();
    this.#frames = new StdinFrames(socket, () => this.#alive());
  }

  async run(): Promise<ExecOutcome> {
    const { signal } = this.#scope;
    const onAbort = () => this.#finish(cancellation(signal));
    try {
      await new Promise<void>((resolve, reject) => {
        this.#finish = (error) => (error === undefined ? resolve() : reject(error));
        this.#listen();
        signal?.addEventListener("abort", onAbort, { once: true });
        if (signal?.aborted === true) onAbort();
        this.#watch();
        this.#socket.resume();
        void this.#pump();
      });
      return this.#outcome();
    } finally {
      this.#over = true;
      signal?.removeEventListener("abort", onAbort);
      this.#stopTimer();
      this.#stopCloseTimer();
      this.#socket.terminate();
    }
  }

  #outcome(): ExecOutcome {
    if (this.#status === undefined) throw this.#lost("the connection ended before the command's result came");
    return { exitCode: exitCodeOf(this.#status, this.#target), stderr: this.#stderr.toString() };
  }

  #listen(): void {
    this.#socket.on("message", (data: Buffer) => this.#receive(data));
    this.#socket.on("pong", () => this.#alive());
    this.#socket.on("error", (error) => this.#end(error));
    this.#socket.on("close", (code: number) => this.#end(undefined, code));
  }

  /** Waits until stdout is delivered: frames may be queued that came before the end. */
  #end(error?: Error, code?: number): void {
    const reason = error?.message ?? `code ${code}`;
    const ended =
      this.#status === undefined ? this.#lost(`the connection was closed (${reason})`, error) : undefined;
    this.#delivery.then(
      () => this.#finish(ended),
      (failure: Error) => this.#finish(failure),
    );
  }

  #receive(data: Buffer): void {
    this.#alive();
    if (this.#over || data.length === 0) return;
    const payload = data.subarray(1);
    if (data[0] === CHANNEL.stdout) this.#deliver(payload);
    else if (data[0] === CHANNEL.stderr) this.#stderr.append(payload);
    else if (data[0] === CHANNEL.status && payload.length > 0) this.#settle(payload);
    else if (data[0] !== CHANNEL.close)
      this.#scope.logger.debug(`exec: a frame of unknown channel ${data[0]} is ignored`);
  }

  #settle(status: Buffer): void {
    this.#status ??= status;
    const end = () => this.#end();
    this.#stopCloseTimer();
    this.#stopCloseTimer = this.#scope.clock.after(CLOSE_LIMIT_MS, end);
  }

  #deliver(chunk: Buffer): void {
    const { stdout } = this.#streams;
    if (stdout === undefined || chunk.length === 0) return;
    this.#queued += 1;
    this.#socket.pause();
    this.#delivery = this.#delivery.then(async () => {
      if (!this.#over) await stdout(chunk);
      this.#queued -= 1;
      if (this.#queued === 0) this.#resume();
    });
    this.#delivery.catch((error: Error) => this.#finish(error));
  }

  #resume(): void {
    this.#alive();
    this.#socket.resume();
  }

  async #pump(): Promise<void> {
    const { stdin } = this.#streams;
    if (stdin === undefined) return;
    try {
      for await (const chunk of stdin) {
        // The command may end before its input does.
        if (this.#over || this.#status !== undefined) return;
        await this.#frames.write(chunk);
      }
      if (!this.#over) await this.#frames.end(this.#socket.protocol === HALF_CLOSE_PROTOCOL);
    } catch (error) {
      this.#pumpFailed(error);
    }
  }

  #pumpFailed(error: unknown): void {
    // A socket that no longer takes frames tells nothing by itself: the status may be there, or the close event comes.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#finish(error instanceof Error ? error : new Error(String(error)));
  }

  #alive(): void {
    this.#lastSign = this.#scope.clock.now();
  }

  #watch(): void {
    this.#stopTimer = this.#scope.clock.after(PING_EVERY_MS, () => {
      // While our own consumer works, nothing is read, pongs included.
      if (this.#queued > 0) this.#alive();
      const silentMs = this.#scope.clock.now() - this.#lastSign;
      const limit = this.#frames.inFlight > 0 ? STALL_LIMIT_MS : SILENCE_LIMIT_MS;
      if (silentMs >= limit)
        return this.#finish(this.#lost(`no sign of life for ${Math.round(silentMs / 1000)} s`));
      if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
      this.#watch();
    });
  }

  #lost(why: string, cause?: unknown): BuildError {
    const { command, container, pod } = this.#target;
    const what = `${command.slice(0, 1).join(" ")} in container ${container} of pod ${pod}`;
    return new BuildError("CLUSTER_UNAVAILABLE", `the connection to ${what} was lost: ${why}`, {
      remedy: "Try again; if it happens often, look at proxies and load balancers before the API server",
      cause,
    });
  }
}
