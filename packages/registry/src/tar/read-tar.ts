import type { BytePath } from "@slipway/core";
import { ByteQueue } from "./byte-queue.ts";
import { type AssembledEntry, assembleEntry, type ExtendedHeader } from "./extended-header.ts";
import { parsePaxRecords } from "./pax-records.ts";
import { oldGnuMap, paxMap, type SparseMap } from "./sparse-map.ts";
import type { TarDefect, TarDefectRule, TarSink } from "./tar-entry.ts";
import { BLOCK, isEmptyBlock, parseHeader, type TarHeader } from "./tar-header.ts";

const MAX_EXTENDED = 1024 * 1024;
const ZEROS = Buffer.alloc(64 * 1024);

/**
 * Reads an archive to the end of its stream, in memory that does not depend on it: POSIX ustar and pax, GNU long names,
 * numbers and sparse files. Names and attributes stay the bytes they are. What is wrong with the archive goes to
 * `sink.defect`, never to the caller; rejects only with what the source or the sink throws.
 */
export async function readTar(source: AsyncIterable<Uint8Array>, sink: TarSink): Promise<void> {
  const reader = new TarReader(new ByteQueue(source), sink);
  await reader.run();
}

/** The rest of the archive cannot be read. */
class Unreadable extends Error {
  readonly defect: TarDefect;

  constructor(rule: TarDefectRule, found: string, name?: BytePath) {
    super(found);
    this.defect = { rule, found, ...(name === undefined ? {} : { name }) };
  }
}

class TarReader {
  readonly #bytes: ByteQueue;
  readonly #sink: TarSink;
  #extended: ExtendedHeader = {};
  #entries = 0;

  constructor(bytes: ByteQueue, sink: TarSink) {
    this.#bytes = bytes;
    this.#sink = sink;
  }

  async run(): Promise<void> {
    try {
      await this.#members().catch((error: unknown) => {
        if (!(error instanceof Unreadable)) throw error;
        this.#sink.defect(error.defect);
      });
      await this.#bytes.drain();
    } finally {
      await this.#bytes.close();
    }
  }

  async #members(): Promise<void> {
    for (;;) {
      const block = this.#bytes.takeNow(BLOCK) ?? (await this.#bytes.take(BLOCK));
      if (block.length === 0) return this.#sink.defect({ rule: "tar-no-end", found: this.#place() });
      if (block.length < BLOCK) throw new Unreadable("tar-truncated", this.#place());
      if (isEmptyBlock(block)) {
        if (Object.keys(this.#extended).length > 0)
          this.#sink.defect({ rule: "tar-extended-header", found: "no entry follows it" });
        return this.#finish();
      }
      const header = parseHeader(block);
      if (header === undefined) throw new Unreadable("tar-checksum", this.#place());
      // The block is gone once more is read; the map of a sparse file begins in it.
      await this.#member(header, header.flag === "S" ? Buffer.from(block) : block);
    }
  }

  #place(): string {
    return this.#entries === 0 ? "at its very start" : `after ${this.#entries} entries`;
  }

  async #member(header: TarHeader, block: Buffer): Promise<void> {
    if (header.flag === "x") this.#extended = { ...this.#extended, records: await this.#records(header) };
    else if (header.flag === "L")
      this.#extended = { ...this.#extended, longName: await this.#longText(header) };
    else if (header.flag === "K")
      this.#extended = { ...this.#extended, longLink: await this.#longText(header) };
    else if (header.flag === "g") await this.#globalHeader(header);
    else await this.#entry(header, block);
  }

  async #entry(header: TarHeader, block: Buffer): Promise<void> {
    const extended = this.#extended;
    this.#extended = {};
    this.#entries += 1;
    const assembled = assembleEntry(header, extended);
    if (assembled === undefined) return this.#unknown(header);
    for (const defect of assembled.defects) this.#sink.defect(defect);
    const { name, size } = assembled.entry;
    if (size < 0) throw new Unreadable("tar-size", "no number, or a negative one", name);
    if (assembled.unreadable) throw new Unreadable("tar-sparse", "a form before PAX 1.0", name);
    const map = await this.#sparseMap(header, block, assembled);
    if (map === undefined) return this.#plain(assembled);
    await this.#sparse(assembled, map);
  }

  async #unknown(header: TarHeader): Promise<void> {
    const { name, flag, size = -1 } = header;
    this.#sink.defect({ rule: "tar-unknown-type", name, found: `type ${JSON.stringify(flag)}` });
    if (size < 0) throw new Unreadable("tar-size", "no number, or a negative one", name);
    await this.#copy(size, () => undefined);
    await this.#skipPadding(size);
  }

  async #plain({ entry }: AssembledEntry): Promise<void> {
    this.#sink.entry(entry);
    await this.#copy(entry.size, (bytes) => this.#sink.content(bytes));
    this.#sink.end();
    await this.#skipPadding(entry.size);
  }

  async #sparseMap(
    header: TarHeader,
    block: Buffer,
    { entry, sparseSize }: AssembledEntry,
  ): Promise<SparseMap | undefined> {
    if (header.flag !== "S" && sparseSize === undefined) return undefined;
    const map =
      sparseSize === undefined ? await oldGnuMap(block, this.#bytes) : await paxMap(this.#bytes, sparseSize);
    const stored = map?.pieces.reduce((sum, { size }) => sum + size, map.mapBytes);
    if (map === undefined || stored !== entry.size)
      throw new Unreadable("tar-sparse", "its map does not fit", entry.name);
    return map;
  }

  async #sparse({ entry }: AssembledEntry, { pieces, realSize }: SparseMap): Promise<void> {
    this.#sink.entry({ ...entry, size: realSize });
    let position = 0;
    for (const { offset, size } of pieces) {
      this.#zeros(offset - position);
      await this.#copy(size, (bytes) => this.#sink.content(bytes));
      position = offset + size;
    }
    this.#zeros(realSize - position);
    this.#sink.end();
    await this.#skipPadding(entry.size);
  }

  #zeros(count: number): void {
    for (let left = count; left > 0; left -= ZEROS.length)
      this.#sink.content(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
  }

  async #globalHeader(header: TarHeader): Promise<void> {
    const keys = [...(await this.#records(header)).keys()].filter((key) => key !== "comment");
    if (keys.length > 0) this.#sink.defect({ rule: "tar-global-header", found: keys.join(", ") });
  }

  async #records(header: TarHeader): Promise<ReadonlyMap<string, Buffer>> {
    const records = parsePaxRecords(await this.#extendedBody(header));
    if (records === undefined) throw new Unreadable("tar-extended-header", this.#place());
    return records;
  }

  async #longText(header: TarHeader): Promise<string> {
    const text = (await this.#extendedBody(header)).toString("latin1");
    const nul = text.indexOf("\0");
    return nul === -1 ? text : text.slice(0, nul);
  }

  /** Valid until more is read. */
  async #extendedBody({ size = -1 }: TarHeader): Promise<Buffer> {
    if (size < 0) throw new Unreadable("tar-size", this.#place());
    if (size > MAX_EXTENDED) throw new Unreadable("tar-extended-header", `${size} bytes`);
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    const body = await this.#bytes.take(padded);
    if (body.length < padded) throw new Unreadable("tar-truncated", this.#place());
    return body.subarray(0, size);
  }

  async #copy(size: number, take: (bytes: Buffer) => void): Promise<void> {
    for (let left = size; left > 0; ) {
      const bytes = await this.#bytes.some(left);
      if (bytes.length === 0) throw new Unreadable("tar-truncated", this.#place());
      left -= bytes.length;
      take(bytes);
    }
  }

  async #skipPadding(size: number): Promise<void> {
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (padding === 0 || this.#bytes.takeNow(padding) !== undefined) return;
    if ((await this.#bytes.take(padding)).length < padding)
      throw new Unreadable("tar-truncated", this.#place());
  }

  /** After the first empty block: a second one, and from there on zeros only. */
  async #finish(): Promise<void> {
    const second = await this.#bytes.take(BLOCK);
    if (second.length < BLOCK) return this.#sink.defect({ rule: "tar-no-end", found: "one block only" });
    let rest = second;
    while (rest.length > 0) {
      if (!isEmptyBlock(rest)) return this.#sink.defect({ rule: "tar-garbage", found: this.#place() });
      rest = await this.#bytes.some(BLOCK);
    }
  }
}
