import { BuildError } from "@slipway/core";
import { abortable } from "./abortable.ts";

/** More than any step's environment can be, since it has to fit a Secret of 1 MiB. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

/** Reads stdin to its end; the runner closes it after one line. Rejects when `signal` aborts. */
export function readStdin(stdin: AsyncIterable<Buffer>, signal: AbortSignal): Promise<string> {
  return abortable(readAll(stdin), signal);
}

async function readAll(stdin: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    length += chunk.length;
    if (length > MAX_INPUT_BYTES)
      throw new BuildError("INVALID_REQUEST", "The input of the hook is larger than 64 MiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
