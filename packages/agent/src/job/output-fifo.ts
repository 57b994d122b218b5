import { execFile } from "node:child_process";
import { constants, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";

/** How long a pipe may be silent after the program's end, when a daemon holds it open. */
const PATIENCE_MS = 1000;
/** No pipe of an ordinary user holds more (pipe-max-size, pipe(7)): once so much was read after the end, what the program wrote is among it. */
const MAX_PIPE_BYTES = 1024 * 1024;

type OnOutput = (chunk: Buffer) => void | Promise<void>;

/**
 * What a program prints. A FIFO, and not a socket: /dev/stdout and /dev/stderr open again what they stand for, which a socket refuses. One
 * for both, so that the order is the one in which they were written.
 */
export class OutputFifo {
  readonly path: string;
  /** Resolves when no writer is left, or after `close`. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;

  private constructor(path: string, socket: Socket) {
    this.path = path;
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  /** Anyone in the job container may write: the program's user may be another than the container's. */
  static async make(path: string): Promise<OutputFifo> {
    rmSync(path, { force: true });
    await promisify(execFile)("mkfifo", ["-m", "666", path]);
    // Does not wait for a writer; the end comes only after there has been one (Linux tells by poll, pipe_poll).
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return new OutputFifo(path, new Socket({ fd, readable: true, writable: false }));
  }

  /** Hands on everything that is written until the program has ended, piece by piece: while `onOutput` takes its time, writers wait. */
  async deliver(onOutput: OnOutput, programEnded: Promise<unknown>): Promise<void> {
    const chunks = this.#socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    let next = chunks.next();
    try {
      const end = new PatientEnd(programEnded);
      for (let chunk = await end.chunkOf(next); chunk !== undefined; chunk = await end.chunkOf(next)) {
        next = chunks.next();
        await onOutput(chunk);
      }
    } finally {
      rmSync(this.path, { force: true });
      // A daemon that still prints must not be killed by that (SIGPIPE): what it says goes nowhere.
      this.#socket.unref();
      void discard(chunks, next);
    }
  }

  close(): void {
    rmSync(this.path, { force: true });
    this.#socket.destroy();
  }
}

/** Knows when enough was read of a pipe whose program has ended. */
class PatientEnd {
  #hasEnded = false;
  #wake: () => void = () => undefined;
  #patienceMs = PATIENCE_MS;
  #bytesLeft = MAX_PIPE_BYTES;

  constructor(programEnded: Promise<unknown>) {
    const note = () => {
      this.#hasEnded = true;
      this.#wake();
    };
    programEnded.then(note, note);
  }

  async chunkOf(next: Promise<IteratorResult<Buffer>>): Promise<Buffer | undefined> {
    if (this.#bytesLeft <= 0) return undefined;
    if (!this.#hasEnded) await this.#somethingNew(next);
    if (!this.#hasEnded) return (await next).value;
    const since = performance.now();
    const chunk: Buffer | undefined = (await within(next, this.#patienceMs))?.value;
    // Only waiting for the pipe counts: whoever prints may take longer.
    this.#patienceMs -= performance.now() - since;
    this.#bytesLeft -= chunk?.length ?? 0;
    return chunk;
  }

  /** Not Promise.race: the promise of the end would keep each chunk, all of the output, until it settles. */
  #somethingNew(next: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      const come = () => resolve();
      next.then(come, come);
    });
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const timer = new AbortController();
  const late = delay(Math.max(ms, 0), undefined, { signal: timer.signal })
    // One look at the pipe in any case: after a pause of this process the timer comes first.
    .then(() => nextTurn(undefined));
  try {
    return await Promise.race([promise, late]);
  } finally {
    late.catch(() => undefined);
    timer.abort();
  }
}

async function discard(chunks: AsyncIterator<Buffer>, next: Promise<IteratorResult<Buffer>>): Promise<void> {
  try {
    while ((await next).done !== true) next = chunks.next();
  } catch {
    // Closed.
  }
}
