/** A line, or a piece of one that is too long to keep. */
export interface LogPiece {
  /** As the node wrote it (RFC 3339 with up to nine decimals); undefined for the rest of a line whose head the server left out. */
  readonly timestamp: string | undefined;
  /** Without time stamp and newline. */
  readonly text: Buffer;
  /** Bytes of the same line that came in pieces before. */
  readonly offset: number;
  /** Whether the newline was there: the line is complete. */
  readonly terminated: boolean;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
/** "2026-01-01T00:00:00.123456789+00:00" */
const LONGEST_STAMP = 35;

/** Cuts a log with time stamps into lines. Longer ones than `maxBytes` come in pieces. */
export class LogLines {
  readonly #maxBytes: number;
  #pending: Buffer[] = [];
  #bytes = 0;
  #timestamp: string | undefined;
  #offset = 0;
  #headSeen = false;

  constructor(maxBytes = 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  /** The lines and pieces that the chunk completes. */
  *push(chunk: Buffer): Generator<LogPiece> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      yield* this.#whole();
      yield this.#piece(this.#take(), true);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    yield* this.#whole();
  }

  /** What is left at the end of a log that does not end with a newline. */
  *end(): Generator<LogPiece> {
    if (this.#bytes === 0 && !this.#headSeen) return;
    yield this.#piece(this.#take(), false);
  }

  *#whole(): Generator<LogPiece> {
    if (this.#bytes <= this.#maxBytes) return;
    let rest = this.#take();
    for (; rest.length > this.#maxBytes; rest = rest.subarray(this.#maxBytes)) {
      yield this.#piece(rest.subarray(0, this.#maxBytes), false);
    }
    this.#keep(rest);
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    // Copied: the network's buffers would be kept alive as a whole by a short rest of a line.
    this.#pending.push(Buffer.from(bytes));
    this.#bytes += bytes.length;
  }

  #take(): Buffer {
    const text = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#bytes = 0;
    return this.#headSeen ? text : this.#withoutStamp(text);
  }

  #withoutStamp(text: Buffer): Buffer {
    this.#headSeen = true;
    const space = text.subarray(0, LONGEST_STAMP + 1).indexOf(SPACE);
    const stamp = text.toString("latin1", 0, space < 0 ? Math.min(text.length, LONGEST_STAMP) : space);
    if (!STAMP.test(stamp)) return text;
    this.#timestamp = stamp;
    return text.subarray(stamp.length + (space < 0 ? 0 : 1));
  }

  #piece(text: Buffer, terminated: boolean): LogPiece {
    const piece = { timestamp: this.#timestamp, text, offset: this.#offset, terminated };
    this.#offset += text.length;
    if (terminated) {
      this.#offset = 0;
      this.#timestamp = undefined;
      this.#headSeen = false;
    }
    return piece;
  }
}
