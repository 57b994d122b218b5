import type { WebSocket } from "ws";

/** Channels of the remote command protocol; the first byte of every message (k8s.io/apimachinery, remotecommand constants). */
export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;

/** The one with which a stream can be closed on its own, so that the command sees the end of its input. */
export const HALF_CLOSE_PROTOCOL = "v5.channel.k8s.io";

/** Offered in this order. v4 serves too wherever the input carries its own end mark, as our trees do. */
export const PROTOCOLS: readonly string[] = [HALF_CLOSE_PROTOCOL, "v4.channel.k8s.io"];

/** Payload of a full stdin frame. Servers take up to 32 MiB and buffer each whole; beyond this, larger is not faster. */
export const FRAME_BYTES = 256 * 1024;

const FRAMES_IN_FLIGHT = 4;

/**
 * Gathers chunks of any size into frames, and sends them with a bounded number of bytes in flight. Chunks are copied: one message
 * must be one frame, because API servers take each fragment of a message for a message of its own, first byte and all.
 */
export class StdinFrames {
  readonly #socket: WebSocket;
  readonly #onSent: () => void;
  readonly #free: Buffer[] = [];
  #made = 0;
  #frame: Buffer | undefined;
  #used = 1;
  #failed: Error | undefined;
  #wake: (() => void) | undefined;

  /** `onSent` is called whenever the network took a frame: a sign of life. */
  constructor(socket: WebSocket, onSent: () => void) {
    this.#socket = socket;
    this.#onSent = onSent;
  }

  /** Frames that the network has not taken yet. */
  get inFlight(): number {
    return this.#made - this.#free.length - (this.#frame === undefined ? 0 : 1);
  }

  /** Resolves when the chunk is copied and may be reused; waits while too much is in flight. An empty one sends what is gathered. */
  async write(chunk: Buffer): Promise<void> {
    if (chunk.length === 0) return this.#flush();
    for (let offset = 0; offset < chunk.length; ) {
      this.#frame ??= await this.#freeFrame();
      const copied = chunk.copy(this.#frame, this.#used, offset);
      offset += copied;
      this.#used += copied;
      if (this.#used === this.#frame.length) this.#send();
    }
  }

  /** Sends what is gathered, then says that no more comes. */
  async end(halfClose: boolean): Promise<void> {
    this.#flush();
    while (this.inFlight > 0) await this.#progress();
    if (halfClose) this.#socket.send(Buffer.from([CHANNEL.close, CHANNEL.stdin]), { binary: true });
  }

  #flush(): void {
    if (this.#frame !== undefined && this.#used > 1) this.#send();
  }

  async #freeFrame(): Promise<Buffer> {
    while (this.#free.length === 0 && this.#made >= FRAMES_IN_FLIGHT) await this.#progress();
    if (this.#failed !== undefined) throw this.#failed;
    const frame = this.#free.pop();
    if (frame !== undefined) return frame;
    this.#made += 1;
    return Buffer.alloc(FRAME_BYTES + 1);
  }

  #send(): void {
    const frame = this.#frame;
    if (frame === undefined) return;
    const message = frame.subarray(0, this.#used);
    this.#frame = undefined;
    this.#used = 1;
    this.#socket.send(message, { binary: true, compress: false }, (error) => {
      this.#free.push(frame);
      this.#failed ??= error ?? undefined;
      this.#onSent();
      this.#wake?.();
    });
  }

  async #progress(): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#failed !== undefined) throw this.#failed;
  }
}
