/** What a command may use of its process; tests and main.ts supply it. */
export interface AgentIo {
  readonly stdin: AsyncIterable<Buffer>;
  /** Settles when the text or chunk was handed on, so that memory stays flat. */
  readonly write: (chunk: Buffer | string) => Promise<void>;
  /** The text of the agent itself; rejects where it cannot be known. */
  readonly source: () => Promise<string>;
}

/** Writes to a stream with back-pressure; rejects when the reader is gone. */
export function writerTo(stream: NodeJS.WritableStream): AgentIo["write"] {
  return (chunk) =>
    new Promise((resolve, reject) => {
      stream.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
}
