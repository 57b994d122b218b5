const NOTHING = Buffer.alloc(0);

/** A stream of chunks of any size, read in pieces of the reader's choice. Holds no more than one piece and one chunk. */
export class ByteQueue {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #buffer: Buffer = NOTHING;
  #position = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes when they are in memory already: small pieces would otherwise cost a promise each. */
  takeNow(size: number): Buffer | undefined {
    if (this.#buffer.length - this.#position < size) return undefined;
    this.#position += size;
    return this.#buffer.subarray(this.#position - size, this.#position);
  }

  /** So many bytes; fewer only where the stream ends. They are valid until the next call. */
  async take(size: number): Promise<Buffer> {
    if (this.#buffer.length - this.#position < size) await this.#gather(size);
    return this.#part(size);
  }

  /** At least one byte and at most `size`, without copying; none only where the stream ends. */
  async some(size: number): Promise<Buffer> {
    if (this.#position === this.#buffer.length) await this.#gather(1);
    return this.#part(size);
  }

  /** Reads to the end and forgets it, so that whoever hashes the stream has seen all of it. */
  async drain(): Promise<void> {
    this.#buffer = NOTHING;
    this.#position = 0;
    while ((await this.#pull()) !== undefined);
  }

  /** Tells the source that nobody reads on. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #part(size: number): Buffer {
    const start = this.#position;
    this.#position = Math.min(this.#buffer.length, start + size);
    return this.#buffer.subarray(start, this.#position);
  }

  async #gather(size: number): Promise<void> {
    const parts = [this.#buffer.subarray(this.#position)];
    let length = this.#buffer.length - this.#position;
    while (length < size) {
      const chunk = await this.#pull();
      if (chunk === undefined) break;
      parts.push(chunk);
      length += chunk.length;
    }
    const filled = parts.filter((part) => part.length > 0);
    this.#buffer = filled.length === 1 ? (filled[0] ?? NOTHING) : Buffer.concat(filled, length);
    this.#position = 0;
  }

  async #pull(): Promise<Buffer | undefined> {
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      if (value.length > 0) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
  }
}
