import { createHash } from "node:crypto";
import { decodeHeader, type EntryHeader, MAX_HEADER } from "./entry-header.ts";
import { damagedStream } from "./tree-errors.ts";
import { MAGIC, type TreeSummary, trailerOf } from "./tree-summary.ts";

const NOTHING = Buffer.alloc(0);

/** Reads a stream in order: start, headers and content, trailer. Throws CLUSTER_UNAVAILABLE where it is cut or damaged. */
export class StreamReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #signal: AbortSignal | undefined;
  readonly #hash = createHash("sha256");
  #buffer: Buffer = NOTHING;
  #position = 0;
  #hashed = 0;
  #entries = 0;
  #bytes = 0;

  constructor(stream: AsyncIterable<Buffer>, signal?: AbortSignal) {
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#signal = signal;
  }

  async start(): Promise<void> {
    if (!(await this.take(MAGIC.length)).equals(MAGIC))
      throw damagedStream("it does not start as a file stream");
  }

  /** The next entry, or undefined where only the trailer is left. */
  async next(): Promise<EntryHeader | undefined> {
    const length = (await this.take(4)).readUInt32BE(0);
    if (length === 0) return undefined;
    if (length > MAX_HEADER) throw damagedStream("an entry has a header of impossible length");
    return this.#counted(decodeHeader(await this.take(length)));
  }

  /** The next entry if its header is in memory; undefined leaves everything to `next`. Saves the promises, of which small entries need several each. */
  nextNow(): EntryHeader | undefined {
    if (this.#buffer.length - this.#position < 4) return undefined;
    const length = this.#buffer.readUInt32BE(this.#position);
    const start = this.#position + 4;
    if (length === 0 || length > MAX_HEADER || this.#buffer.length - start < length) return undefined;
    this.#position = start + length;
    return this.#counted(decodeHeader(this.#buffer.subarray(start, this.#position)));
  }

  /** What `take` would give if it is in memory. */
  takeNow(size: number): Buffer | undefined {
    if (this.#buffer.length - this.#position < size) return undefined;
    this.#position += size;
    return this.#buffer.subarray(this.#position - size, this.#position);
  }

  /** Exactly so many bytes. They are overwritten by nobody, but hold on to a whole chunk. */
  async take(size: number): Promise<Buffer> {
    if (this.#buffer.length - this.#position < size) await this.#gather(size);
    this.#position += size;
    return this.#buffer.subarray(this.#position - size, this.#position);
  }

  /** At least one byte and at most `size`, without copying: for large content. */
  async some(size: number): Promise<Buffer> {
    if (this.#position === this.#buffer.length) await this.#gather(1);
    return this.take(Math.min(size, this.#buffer.length - this.#position));
  }

  /** Compares the trailer with what was read, and makes sure that nothing follows it. */
  async end(): Promise<TreeSummary> {
    this.#digestConsumed();
    const summary = { entries: this.#entries, bytes: this.#bytes, sha256: this.#hash.copy().digest("hex") };
    const expected = trailerOf(summary);
    if (!(await this.take(expected.length)).equals(expected))
      throw damagedStream("its contents do not match its checksum");
    if (this.#position < this.#buffer.length || (await this.#pull()) !== undefined) {
      throw damagedStream("bytes follow its end");
    }
    return summary;
  }

  /** Tells the source that nobody reads on. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #counted(header: EntryHeader): EntryHeader {
    this.#entries += 1;
    if (header.type === "file") this.#bytes += header.size;
    return header;
  }

  /** One copy for all chunks that are missing, however small they are. */
  async #gather(size: number): Promise<void> {
    this.#digestConsumed();
    const parts = [this.#buffer.subarray(this.#position)];
    let length = this.#buffer.length - this.#position;
    while (length < size) {
      const chunk = await this.#pull();
      if (chunk === undefined) throw damagedStream(`it ended early, after ${this.#entries} entries`);
      parts.push(chunk);
      length += chunk.length;
    }
    const filled = parts.filter((part) => part.length > 0);
    this.#buffer = filled.length === 1 ? (filled[0] ?? NOTHING) : Buffer.concat(filled, length);
    this.#position = 0;
    this.#hashed = 0;
  }

  async #pull(): Promise<Buffer | undefined> {
    for (;;) {
      this.#signal?.throwIfAborted();
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      if (value.length > 0) return value;
    }
  }

  /** Hashes chunk by chunk, not entry by entry: a call per small file would cost more than its bytes. */
  #digestConsumed(): void {
    if (this.#position > this.#hashed) this.#hash.update(this.#buffer.subarray(this.#hashed, this.#position));
    this.#hashed = this.#position;
  }
}
