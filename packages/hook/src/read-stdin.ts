import { BuildError } from "@slipway/core";
import { abortable } from "./abortable.ts";

/** Far more than the environment of any step that can start. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

/** The runner writes its line at once. */
const PATIENCE_MS = 60_000;

/** Reads stdin to its end; the runner closes it after one line. Rejects when `signal` aborts, and when the end does not come. */
export async function readStdin(
  stdin: AsyncIterable<Buffer>,
  signal: AbortSignal,
  patienceMs: number = PATIENCE_MS,
): Promise<string> {
  const tooLong = AbortSignal.timeout(patienceMs);
  try {
    return await abortable(readAll(stdin), AbortSignal.any([signal, tooLong]));
  } catch (error) {
    throw tooLong.aborted && !signal.aborted ? neverClosed(patienceMs, error) : error;
  }
}

function neverClosed(patienceMs: number, cause: unknown): BuildError {
  return new BuildError("INVALID_REQUEST", `stdin was not closed within ${patienceMs / 1000} s`, {
    remedy: "Start the hook as the runner does: one line of JSON on stdin, which is then closed",
    cause,
  });
}

async function readAll(stdin: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    length += chunk.length;
    if (length > MAX_INPUT_BYTES)
      throw new BuildError("INVALID_REQUEST", "The input of the hook is larger than 64 MiB", {
        remedy: "Give the step smaller variables, or write what is in them to a file",
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
