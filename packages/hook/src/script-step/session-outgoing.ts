import {
  type ClientMessage,
  encodeMessage,
  FRAME,
  frameHeader,
  type SessionRequest,
} from "@slipway/step-protocol";

/** Has the connection send what it gathered. */
const FLUSH = Buffer.alloc(0);

/** What a connection begins with. */
export interface SessionBeginning {
  readonly request: SessionRequest;
  readonly files: AsyncIterable<Buffer> | undefined;
}

/** What the hook sends in one connection: the request, the files, and then messages as they arise. */
export class SessionOutgoing implements AsyncIterable<Buffer> {
  readonly #begin: () => SessionBeginning;
  readonly #messages: ClientMessage[] = [];
  #wake: () => void = () => undefined;
  #ended = false;
  #requestSent = false;

  /** `begin` is called when the connection is there and takes what is to be sent: in the pod a program starts meanwhile. */
  constructor(begin: () => SessionBeginning) {
    this.#begin = begin;
  }

  /** Request and files were handed to the connection: from here on the pod may act on them. */
  get requestSent(): boolean {
    return this.#requestSent;
  }

  send(message: ClientMessage): void {
    this.#messages.push(message);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    const { request, files } = this.#begin();
    yield encodeMessage(request);
    if (files !== undefined) yield* inFrames(files);
    this.#requestSent = true;
    yield FLUSH;
    while (!this.#ended) {
      const message = this.#messages.shift();
      if (message === undefined) await this.#more();
      else yield* [encodeMessage(message), FLUSH];
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

async function* inFrames(files: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  for await (const chunk of files) {
    yield frameHeader(FRAME.tree, chunk.length);
    yield chunk;
  }
  yield frameHeader(FRAME.treeEnd, 0);
}
