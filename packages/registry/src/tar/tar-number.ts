/**
 * A number of a header: octal text between blanks and NULs, or, where the first bit is set, big-endian binary in two's
 * complement (GNU). An empty field is 0. undefined: no number, or none that JavaScript can hold.
 */
export function headerNumber(field: Buffer): number | undefined {
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) return binaryNumber(field, first);
  const digits = /^[ \0]*([0-7]*)(?:[ \0]|$)/.exec(field.toString("latin1"))?.[1];
  return digits === "" ? 0 : digits === undefined ? undefined : Number.parseInt(digits, 8);
}

function binaryNumber(field: Buffer, first: number): number | undefined {
  const negative = (first & 0x40) !== 0;
  let value = BigInt(negative ? first | -0x100 : first & 0x7f);
  for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Seconds of a PAX record, with a fraction of any length, as nanoseconds; what is finer is cut off. undefined: no number. */
export function paxTime(text: string): bigint | undefined {
  const match = /^(-?)(\d{1,18})(?:\.(\d*))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, seconds = "", fraction = ""] = match;
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return sign === "-" ? -nanoseconds : nanoseconds;
}

/** A decimal number of a PAX record or sparse map; undefined: none, negative, or too large for JavaScript. */
export function paxNumber(text: string): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
