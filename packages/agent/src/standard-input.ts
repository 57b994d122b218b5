import { readSync } from "node:fs";

/** What a pipe holds (pipe(7)): no read gives more. */
const PIPE_BYTES = 64 * 1024;
/** With less room than this left, a new buffer: many small reads would cost more than it does. */
const LEAST_READ = 16 * 1024;

/**
 * Standard input, for a command that does nothing while it waits for more: reading synchronously costs a fraction of what a stream's
 * events, buffers and promises do. Signals that have a handler wait, too.
 */
export async function* standardInput(): AsyncGenerator<Buffer, void> {
  for (let room = Buffer.alloc(0); ; ) {
    if (room.length < LEAST_READ) room = Buffer.allocUnsafeSlow(PIPE_BYTES);
    const count = readNow(room);
    // Somebody made the pipe one that does not wait: only a stream can.
    if (count === undefined) return yield* process.stdin;
    if (count === 0) return;
    yield room.subarray(0, count);
    room = room.subarray(count);
  }
}

/** The number of bytes, 0 at the end; undefined where the pipe does not wait for them. */
function readNow(room: Buffer): number | undefined {
  try {
    return readSync(0, room);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
}
