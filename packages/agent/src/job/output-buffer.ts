import { BuildError } from "@slipway/core";
import { Bell } from "./bell.ts";

/** Output that is not printed yet and kept; then the program waits, as with any slow reader. */
export const MAX_KEPT_BYTES = 8 * 1024 * 1024;

/** Small writes are gathered: a chunk each would cost a multiple of what it holds. */
const SLAB_BYTES = 64 * 1024;

interface Slab {
  /** Offset of its first byte in all of the output. */
  readonly start: number;
  readonly bytes: Buffer;
  used: number;
}

/** The output of a program from the first byte that is not printed yet, by offset, for readers that come, break off and come again. */
export class OutputBuffer {
  readonly #maxBytes: number;
  readonly #changed = new Bell();
  #slabs: Slab[] = [];
  #start = 0;
  #end = 0;
  #ended = false;
  #dropped = false;

  constructor(maxBytes = MAX_KEPT_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Settles when there is room for more. */
  async append(chunk: Buffer): Promise<void> {
    if (this.#dropped) return;
    for (let at = 0; at < chunk.length; ) at += this.#fill(chunk.subarray(at));
    this.#changed.ring();
    while (this.#end - this.#start >= this.#maxBytes) await this.#changed.wait();
  }

  /** Nobody will read it any more: forgets everything, also what is still to come. */
  drop(): void {
    this.#dropped = true;
    this.#slabs = [];
    this.#start = this.#end;
    this.#changed.ring();
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true;
    this.#changed.ring();
  }

  /** Throws INVALID_REQUEST where output from there on cannot be given: it does not exist yet, or is forgotten already. */
  assertHas(offset: number): void {
    if (offset < this.#start || offset > this.#end) throw noSuchOffset(offset, this.#start, this.#end);
  }

  /** Forgets what lies before the offset. */
  release(offset: number): void {
    if (offset <= this.#start || offset > this.#end) return;
    this.#start = offset;
    this.#slabs = this.#slabs.filter((slab) => slab.start + slab.used > offset);
    this.#changed.ring();
  }

  /**
   * Everything from the offset on, as it comes, until the output has ended or the signal is aborted. Throws as `assertHas` does, also
   * when what was not read yet is released.
   */
  async *from(offset: number, signal: AbortSignal): AsyncGenerator<Buffer, void> {
    for (let at = offset; !signal.aborted; ) {
      this.assertHas(at);
      const piece = this.#pieceAt(at);
      if (piece !== undefined) {
        at += piece.length;
        yield piece;
      } else if (this.#ended) return;
      else await this.#changed.wait(signal);
    }
  }

  #pieceAt(offset: number): Buffer | undefined {
    const slab = this.#slabs.find(({ start, used }) => start <= offset && offset < start + used);
    return slab?.bytes.subarray(offset - slab.start, slab.used);
  }

  /** How much of it was taken. */
  #fill(chunk: Buffer): number {
    let slab = this.#slabs.at(-1);
    if (slab === undefined || slab.used === SLAB_BYTES) {
      slab = { start: this.#end, bytes: Buffer.allocUnsafeSlow(SLAB_BYTES), used: 0 };
      this.#slabs.push(slab);
    }
    const count = chunk.copy(slab.bytes, slab.used);
    slab.used += count;
    this.#end += count;
    return count;
  }
}

function noSuchOffset(offset: number, start: number, end: number): BuildError {
  return new BuildError(
    "INVALID_REQUEST",
    `Output is asked for from byte ${offset} on, and the job pod has the bytes ${start} to ${end}`,
    { remedy: "Run the job again; report it if it recurs, since printed output is never asked for again" },
  );
}
