import { createHash } from "node:crypto";
import { type EntryHeader, encodeHeader } from "./entry-header.ts";
import { MAGIC, type TreeSummary, trailerOf } from "./tree-summary.ts";

/** Small entries travel together in chunks of this size: one write to the socket for hundreds of files. */
export const CHUNK_BYTES = 256 * 1024;

/** Lays out the stream: the magic line, entries, a zero, the trailer. Only memory: reading files is for others. */
export class StreamWriter {
  readonly #hash = createHash("sha256");
  readonly #full: Buffer[] = [];
  #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #used = 0;
  #entries = 0;
  #bytes = 0;

  constructor() {
    MAGIC.copy(this.#room(MAGIC.length));
  }

  get entries(): number {
    return this.#entries;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  /** Starts an entry; for a file, exactly `size` bytes of content must follow. */
  header(header: EntryHeader): void {
    const text = encodeHeader(header);
    const length = Buffer.byteLength(text);
    const room = this.#room(4 + length);
    room.writeUInt32BE(length, 0);
    room.write(text, 4);
    this.#entries += 1;
  }

  /** Room for content, to be filled before anything else is called. At most CHUNK_BYTES. */
  content(size: number): Buffer {
    this.#bytes += size;
    return this.#room(size);
  }

  /** Passes on content that has a buffer of its own. Call `flushed` first: order is kept only after it. */
  large(content: Buffer): Buffer {
    this.#bytes += content.length;
    this.#hash.update(content);
    return content;
  }

  /** The chunks that are full. Each is the caller's to keep. */
  full(): Buffer[] {
    return this.#full.splice(0);
  }

  /** Everything so far, whether full or not. */
  flushed(): Buffer[] {
    if (this.#used > 0) this.#close();
    return this.full();
  }

  /** Ends the stream: the last chunks, and what they and all before them carried. */
  end(): { readonly chunks: readonly Buffer[]; readonly summary: TreeSummary } {
    this.#room(4).writeUInt32BE(0, 0);
    const chunks = this.flushed();
    const summary = { entries: this.#entries, bytes: this.#bytes, sha256: this.#hash.digest("hex") };
    return { chunks: [...chunks, trailerOf(summary)], summary };
  }

  #room(size: number): Buffer {
    if (this.#used + size > CHUNK_BYTES) this.#close();
    const room = this.#chunk.subarray(this.#used, this.#used + size);
    this.#used += size;
    return room;
  }

  #close(): void {
    const chunk = this.#chunk.subarray(0, this.#used);
    this.#hash.update(chunk);
    this.#full.push(chunk);
    this.#chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.#used = 0;
  }
}
