/** Key to value, both as bytes: the key one character per byte. */
export type PaxRecords = ReadonlyMap<string, Buffer>;

const BLANK = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;

/**
 * The records of an extended header (POSIX.1-2001, "pax Header Block"): `LENGTH KEY=VALUE\n`, where the length counts
 * the whole record, so that a value may hold any byte. The last one of a key counts. undefined: malformed.
 */
export function parsePaxRecords(body: Buffer): PaxRecords | undefined {
  const records = new Map<string, Buffer>();
  for (let start = 0; start < body.length; ) {
    const blank = body.indexOf(BLANK, start);
    const digits = blank === -1 ? "" : body.toString("latin1", start, Math.min(blank, start + 8));
    const end = /^[1-9]\d*$/.test(digits) ? start + Number(digits) : 0;
    const equals = body.indexOf(EQUALS, blank);
    if (end <= blank + 1 || end > body.length || equals <= blank + 1 || equals >= end) return undefined;
    if (body[end - 1] !== NEWLINE) return undefined;
    // Copied: a record outlives the chunk that it came in.
    records.set(body.toString("latin1", blank + 1, equals), Buffer.from(body.subarray(equals + 1, end - 1)));
    start = end;
  }
  return records;
}
