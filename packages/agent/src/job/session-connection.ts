import { once } from "node:events";
import type { Socket } from "node:net";
import {
  type AgentMessage,
  encodeFrame,
  encodeMessage,
  FRAME,
  type Frame,
  FrameReader,
  frameHeader,
} from "@slipway/step-protocol";

/** One connection of the hook. What is sent waits until the other end takes it. */
export class SessionConnection {
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #closed = new AbortController();

  constructor(socket: Socket) {
    this.#socket = socket;
    // The iterator of a stream would otherwise close it for writing too, once the other end has sent all it has to say.
    this.#reader = new FrameReader(socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>);
    // `close` follows.
    socket.on("error", () => undefined);
    socket.on("close", () => this.abandon());
  }

  /** Aborted when nothing can be sent any more. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  get reader(): FrameReader {
    return this.#reader;
  }

  async next(): Promise<Frame | undefined> {
    return this.#reader.next();
  }

  async send(message: AgentMessage): Promise<void> {
    await this.#write(encodeMessage(message));
  }

  async sendOutput(bytes: Buffer): Promise<void> {
    await this.#write(frameHeader(FRAME.output, bytes.length), bytes);
  }

  async sendTree(stream: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of stream) await this.#write(frameHeader(FRAME.tree, chunk.length), chunk);
    await this.#write(encodeFrame(FRAME.treeEnd));
  }

  /** All was said: the other end gets it, and then the end. */
  end(): void {
    this.#socket.end();
    // What still comes is of no interest, but has to be read: the other end must not hang, or fail, on sending it, and miss what was said.
    this.#socket.removeAllListeners("readable");
    this.#socket.on("data", () => undefined).resume();
    this.#closed.abort();
  }

  /** At once: somebody else has taken the place of this connection, or nobody is there. */
  abandon(): void {
    this.#closed.abort();
    this.#socket.destroy();
  }

  /** Settles with the promise, or rejects as soon as the connection is gone. */
  async whileOpen<T>(promise: Promise<T>): Promise<T> {
    const gone = new AbortController();
    const { signal } = this;
    signal.throwIfAborted();
    const lost = once(signal, "abort", { signal: gone.signal }).then(() => signal.throwIfAborted());
    lost.catch(() => undefined);
    try {
      return (await Promise.race([promise, lost])) as T;
    } finally {
      gone.abort();
    }
  }

  async #write(...parts: readonly Buffer[]): Promise<void> {
    this.signal.throwIfAborted();
    this.#socket.cork();
    const room = parts.map((part) => this.#socket.write(part)).at(-1);
    this.#socket.uncork();
    if (room === false) await once(this.#socket, "drain", { signal: this.signal });
  }
}
