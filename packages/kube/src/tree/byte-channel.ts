/** Hands chunks from a producer that is called to a consumer that iterates, one at a time: the producer waits until each is used. */
export class ByteChannel implements AsyncIterable<Buffer> {
  #chunk: { readonly bytes: Buffer; readonly taken: () => void } | undefined;
  #end: { readonly error?: unknown } | undefined;
  #closed = false;
  #wake: () => void = () => undefined;

  /** Resolves when the consumer asks for more, or is done. */
  put(bytes: Buffer): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((taken) => {
      this.#chunk = { bytes, taken };
      this.#wake();
    });
  }

  /** No more will come; with an error, the consumer gets it. */
  end(failure: { readonly error?: unknown } = {}): void {
    this.#end ??= failure;
    this.#wake();
  }

  /** The consumer is done: whatever still comes is dropped. */
  close(): void {
    this.#closed = true;
    this.#chunk?.taken();
    this.#chunk = undefined;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    try {
      for (;;) {
        const chunk = this.#chunk;
        if (chunk !== undefined) {
          yield chunk.bytes;
          this.#chunk = undefined;
          chunk.taken();
        } else if (this.#end === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else {
          if ("error" in this.#end) throw this.#end.error;
          return;
        }
      }
    } finally {
      this.close();
    }
  }
}
