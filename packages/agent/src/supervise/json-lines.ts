import { BuildError } from "@slipway/core";

const NEWLINE = 0x0a;

/** The values of a stream that has one JSON text a line. Throws INTERNAL for a line that is too long, or is no JSON. */
export async function* readJsonLines(
  stream: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<unknown, void> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      if (length + end > maxBytes) throw unreadable(`a line of more than ${maxBytes} bytes`);
      // Joined before it becomes text: a character may be cut in two.
      yield parse(Buffer.concat([...parts, rest.subarray(0, end)]));
      [parts, length, rest] = [[], 0, rest.subarray(end + 1)];
    }
    parts.push(rest);
    length += rest.length;
    if (length > maxBytes) throw unreadable(`a line of more than ${maxBytes} bytes`);
  }
}

export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString("utf8"));
  } catch (error) {
    throw unreadable("a line that is not JSON", error);
  }
}

function unreadable(what: string, cause?: unknown): BuildError {
  return new BuildError("INTERNAL", `serve and supervise do not understand each other: there came ${what}`, {
    remedy: "Let nothing in the job container write to Slipway's socket",
    cause,
  });
}
