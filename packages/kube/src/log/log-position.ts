import type { LogPiece } from "./log-lines.ts";

/**
 * Where a reader of a log is, so that it can go on after a cut without loss and without repeating anything.
 *
 * The server can only be asked for whole seconds, and two streams of one container may be written a little out of order. So the reader
 * goes back a second or two, and what it counts per time stamp is left out once. The clock of this machine plays no part.
 */
export class LogPosition {
  /** How often each time stamp of the last seconds was delivered. */
  readonly #delivered = new Map<string, number>();
  /** Bytes of a line that was delivered in pieces, by its time stamp. */
  #begun: { readonly timestamp: string; readonly bytes: number } | undefined;
  #latestSecond = 0;
  #toSkip = new Map<string, number>();
  #replay = false;

  /** RFC 3339 with whole seconds; undefined: from the beginning. */
  get since(): string | undefined {
    if (this.#latestSecond === 0) return undefined;
    return `${new Date((this.#latestSecond - 1) * 1000).toISOString().slice(0, 19)}Z`;
  }

  /** To be called before each new read: from `since` on, everything comes again. */
  rewind(): void {
    this.#toSkip = new Map(this.#delivered);
    this.#replay = this.#latestSecond !== 0;
  }

  /** The same position, for a reader that looks without delivering. Rewound. */
  copy(): LogPosition {
    const copy = new LogPosition();
    for (const [timestamp, times] of this.#delivered) copy.#delivered.set(timestamp, times);
    copy.#begun = this.#begun;
    copy.#latestSecond = this.#latestSecond;
    copy.rewind();
    return copy;
  }

  /** The part of a piece that was not delivered yet, counted as delivered from now on. */
  take(piece: LogPiece): Pick<LogPiece, "text" | "terminated"> | undefined {
    const { timestamp } = piece;
    // The rest of a line that began before `since`: it came in the read before.
    if (timestamp === undefined) return this.#replay ? undefined : piece;
    const left = this.#toSkip.get(timestamp) ?? 0;
    if (left > 0) {
      if (piece.terminated) this.#toSkip.set(timestamp, left - 1);
      return undefined;
    }
    return this.#fresh(piece, timestamp);
  }

  #fresh(piece: LogPiece, timestamp: string): Pick<LogPiece, "text" | "terminated"> | undefined {
    this.#see(timestamp);
    const known = this.#begun?.timestamp === timestamp ? this.#begun.bytes : 0;
    const skip = Math.min(Math.max(known - piece.offset, 0), piece.text.length);
    const text = piece.text.subarray(skip);
    if (piece.terminated) {
      this.#delivered.set(timestamp, (this.#delivered.get(timestamp) ?? 0) + 1);
      this.#begun = undefined;
      return { text, terminated: true };
    }
    this.#begun = { timestamp, bytes: Math.max(known, piece.offset + piece.text.length) };
    return text.length === 0 ? undefined : { text, terminated: false };
  }

  #see(timestamp: string): void {
    const second = Math.floor(Date.parse(timestamp) / 1000);
    if (second <= this.#latestSecond) return;
    this.#latestSecond = second;
    // Anything older than `since` does not come again.
    for (const old of this.#delivered.keys()) {
      if (Math.floor(Date.parse(old) / 1000) < second - 1) this.#delivered.delete(old);
    }
  }
}
