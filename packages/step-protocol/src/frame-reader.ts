import { BuildError } from "@slipway/core";
import { FRAME, FRAME_HEADER_BYTES, type Frame, type FrameKind, MAX_FRAME_BYTES } from "./frames.ts";

const KINDS: ReadonlySet<number> = new Set(Object.values(FRAME));
const NOTHING = Buffer.alloc(0);

/**
 * Takes frames off a connection, however it was cut into chunks. Holds one frame and one chunk at most, so that whoever reads slowly
 * slows the sender down.
 */
export class FrameReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #maxBytes: number;
  #buffer: Buffer = NOTHING;

  constructor(stream: AsyncIterable<Buffer>, options: { readonly maxBytes?: number } = {}) {
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#maxBytes = options.maxBytes ?? MAX_FRAME_BYTES;
  }

  /**
   * The next frame; undefined where the connection ended between two. Throws CLUSTER_UNAVAILABLE where it ended within one, and
   * INVALID_REQUEST for what is no frame; after either nothing more can be read. Not to be called again before it has settled.
   */
  async next(): Promise<Frame | undefined> {
    if (this.#buffer.length === 0 && !(await this.#pull())) return undefined;
    const header = await this.#take(FRAME_HEADER_BYTES);
    const kind = header.readUInt8(0);
    const length = header.readUInt32BE(1);
    if (!isKind(kind)) throw noFrame(`it starts with the byte ${kind}`);
    if (length > this.#maxBytes)
      throw noFrame(`it would have ${length} bytes, and ${this.#maxBytes} are the most`);
    return { kind, payload: await this.#take(length) };
  }

  /** Tells the connection that nobody reads on. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #take(size: number): Promise<Buffer> {
    const parts = [this.#buffer];
    for (let length = this.#buffer.length; length < size; length += this.#buffer.length) {
      if (!(await this.#pull())) throw cutFrame();
      parts.push(this.#buffer);
    }
    const filled = parts.filter((part) => part.length > 0);
    // Without a copy where one chunk holds all of it.
    const whole = filled.length === 1 ? (filled[0] ?? NOTHING) : Buffer.concat(filled);
    this.#buffer = whole.subarray(size);
    return whole.subarray(0, size);
  }

  /** False at the end. */
  async #pull(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return false;
      this.#buffer = value;
      if (value.length > 0) return true;
    }
  }
}

function isKind(byte: number): byte is FrameKind {
  return KINDS.has(byte);
}

function cutFrame(): BuildError {
  return new BuildError(
    "CLUSTER_UNAVAILABLE",
    "The connection to the job pod was cut in the middle of a message",
    {
      remedy:
        "Run the job again; if it recurs, look for a proxy between runner and API server that ends connections",
    },
  );
}

function noFrame(what: string): BuildError {
  return new BuildError(
    "INVALID_REQUEST",
    `What came over the connection to the job pod is no message: ${what}`,
    {
      remedy:
        "Let the runner and the job pod run the same version of Slipway, and see who else writes to that pod",
    },
  );
}
