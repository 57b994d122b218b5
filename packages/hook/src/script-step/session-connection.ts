import { BuildError, isBuildError } from "@slipway/core";
import { agentCommand, agentFailure, ByteChannel, type KubeApi } from "@slipway/kube";
import {
  type ClientMessage,
  decodeAgentMessage,
  FRAME,
  type Frame,
  FrameReader,
  fromWireError,
  type SessionRequest,
  treeFrames,
} from "@slipway/step-protocol";
import { type SessionBeginning, SessionOutgoing } from "./session-outgoing.ts";
import type { SessionProgress, SessionTarget, SessionTask } from "./session-task.ts";

/** Output that the agent keeps until it is told that it was printed. */
const PRINTED_EVERY_BYTES = 256 * 1024;

/** A connection that was open for so long was in order: one that says nothing is given up after 30 s, and so is an agent that is not there. */
const SOUND_MS = 60_000;

/** How one connection ended. */
export type ConnectionEnd =
  /** Everything of the session is proven. */
  | { readonly kind: "done" }
  /** The agent itself says that it cannot be. */
  | { readonly kind: "failed"; readonly error: BuildError }
  /** The connection, or what came over it: what is to be done may be gone on with. */
  | { readonly kind: "lost"; readonly error: unknown };

/** One exec in `sync`: sends what is due, and notes in `progress` what arrives. */
export class SessionConnection {
  readonly #task: SessionTask;
  readonly #progress: SessionProgress;
  readonly #now: () => number;
  readonly #outgoing: SessionOutgoing;
  readonly #incoming = new ByteChannel();
  readonly #reader = new FrameReader(this.#incoming);
  #hasFiles = false;
  #openSince = Number.POSITIVE_INFINITY;
  #printed: number;
  #cancelled = false;

  constructor(task: SessionTask, progress: SessionProgress, now: () => number) {
    this.#task = task;
    this.#progress = progress;
    this.#now = now;
    this.#printed = progress.offset;
    this.#outgoing = new SessionOutgoing(() => this.#begin());
  }

  /** Whether the program may run because of this connection. */
  get mayRun(): boolean {
    return this.#outgoing.requestSent;
  }

  /** Stops the program; the connection then ends with its exit. */
  cancel(): void {
    this.#cancelled = true;
    this.#outgoing.send({ kind: "cancel" });
  }

  async run(api: KubeApi, target: SessionTarget, signal: AbortSignal): Promise<ConnectionEnd> {
    const enough = new AbortController();
    const command = agentCommand("session", {}, { node: target.agentNode });
    const streams = { stdin: this.#outgoing, stdout: (chunk: Buffer) => this.#incoming.put(chunk) };
    const executed = api
      .exec(target.pod, "sync", command, streams, AbortSignal.any([signal, enough.signal]))
      .finally(() => this.#incoming.end());
    const understood = this.#receive().finally(() => {
      this.#incoming.close();
      this.#outgoing.end();
      enough.abort();
    });
    const [execution, answer] = await Promise.allSettled([executed, understood]);
    const now = this.#now();
    if (now - this.#openSince >= SOUND_MS) this.#progress.lastSign = now;
    if (answer.status === "fulfilled" && answer.value !== undefined) return answer.value;
    if (answer.status === "rejected" && !isPassing(answer.reason))
      return { kind: "lost", error: answer.reason };
    return { kind: "lost", error: lossOf(execution, enough.signal, answer) };
  }

  #begin(): SessionBeginning {
    this.#openSince = this.#now();
    const files = this.#progress.received ? undefined : this.#task.files?.();
    this.#hasFiles = files !== undefined;
    return { request: requestOf(this.#task.request, this.#progress, this.#hasFiles), files };
  }

  /** Reads until all is said; undefined where the connection ends before. */
  async #receive(): Promise<ConnectionEnd | undefined> {
    for (;;) {
      const frame = await this.#reader.next();
      if (frame === undefined) return undefined;
      this.#progress.lastSign = this.#now();
      if (frame.kind === FRAME.output) await this.#output(frame.payload);
      else if (frame.kind === FRAME.message) {
        const end = await this.#message(frame);
        if (end !== undefined) return end;
      } else {
        const failed = await this.#tree(frame);
        if (failed !== undefined) return failed;
      }
    }
  }

  async #output(chunk: Buffer): Promise<void> {
    const { onOutput } = this.#task;
    const progress = this.#progress;
    await this.#isReceived();
    if (onOutput === undefined || progress.exit !== undefined) throw outOfPlace("output");
    await onOutput(chunk);
    progress.offset += chunk.length;
    if (progress.offset - this.#printed < PRINTED_EVERY_BYTES) return;
    this.#printed = progress.offset;
    this.#send({ kind: "printed", offset: progress.offset });
  }

  async #message(frame: Frame): Promise<ConnectionEnd | undefined> {
    const progress = this.#progress;
    const message = decodeAgentMessage(frame);
    if (message.kind === "failed") return { kind: "failed", error: fromWireError(message.error) };
    // It tells about the container before the files arrive; whatever else it says it says when it has them.
    if (message.kind === "begun") progress.facts = message.facts;
    else await this.#isReceived();
    if (message.kind === "exit") progress.exit ??= message.exit;
    // Who cancelled waits for nothing more.
    const over = message.kind === "done" || (message.kind === "exit" && this.#cancelled);
    if (!over) return undefined;
    if (this.#task.request.kind === "step" && progress.exit === undefined) throw outOfPlace("an end");
    if (this.#task.request.kind === "begin" && progress.facts === undefined) throw outOfPlace("an end");
    return { kind: "done" };
  }

  async #isReceived(): Promise<void> {
    if (this.#progress.received) return;
    if (this.#hasFiles) await this.#task.onReceived?.();
    this.#progress.received = true;
  }

  /** Hands a tree stream to the sink, and tells the agent that it is in place. */
  async #tree(first: Frame): Promise<ConnectionEnd | undefined> {
    const { sink, request } = this.#task;
    if (sink === undefined || (request.kind === "step" && this.#progress.exit === undefined))
      throw outOfPlace("files");
    let failed: ConnectionEnd | undefined;
    const stream = this.#treeFrom(first, (message) => {
      if (message.kind !== "failed") throw outOfPlace(`a message "${message.kind}"`);
      failed = { kind: "failed", error: fromWireError(message.error) };
      throw failed.error;
    });
    try {
      // The sink stops at the trailer of the stream, which is not its last frame.
      await sink(withoutReturn(stream));
      for await (const _rest of stream);
    } catch (error) {
      if (failed !== undefined) return failed;
      throw error;
    }
    this.#send({ kind: "applied" });
    return undefined;
  }

  async *#treeFrom(
    first: Frame,
    onMessage: (message: ReturnType<typeof decodeAgentMessage>) => void,
  ): AsyncGenerator<Buffer, void> {
    if (first.kind === FRAME.treeEnd) return;
    yield first.payload;
    for await (const chunk of treeFrames(this.#reader, (frame) => onMessage(decodeAgentMessage(frame)))) {
      this.#progress.lastSign = this.#now();
      yield chunk;
    }
  }

  #send(message: ClientMessage): void {
    this.#outgoing.send(message);
  }
}

/** The request as it stands now: from where output goes on, and whether files come along. */
function requestOf(request: SessionRequest, { offset }: SessionProgress, files: boolean): SessionRequest {
  if (request.kind === "step") return { ...request, offset, files };
  return request.kind === "begin" ? { ...request, files } : request;
}

/** Why the connection ended; the word of the server says more than the missing end of a stream. */
function lossOf(
  execution: PromiseSettledResult<{ readonly exitCode: number; readonly stderr: string }>,
  ownEnd: AbortSignal,
  answer: PromiseSettledResult<unknown>,
): unknown {
  if (execution.status === "rejected") {
    const byUs = isBuildError(execution.reason) && execution.reason.cause === ownEnd.reason;
    return byUs && answer.status === "rejected" ? answer.reason : execution.reason;
  }
  const { exitCode, stderr } = execution.value;
  if (exitCode !== 0) return agentFailure("session", exitCode, stderr);
  return answer.status === "rejected" ? answer.reason : unfinished();
}

function isPassing(error: unknown): boolean {
  return isBuildError(error) && error.retryable;
}

function withoutReturn(stream: AsyncGenerator<Buffer, void>): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => ({ next: () => stream.next() }) };
}

function unfinished(): BuildError {
  return new BuildError("CLUSTER_UNAVAILABLE", "The job pod ended the connection before all was said", {
    remedy: "Run the job again; if it recurs, look at the log of the pod's container `sync`",
  });
}

function outOfPlace(what: string): BuildError {
  return new BuildError("INVALID_REQUEST", `The job pod sends ${what} where none is due`, {
    remedy: "Let the runner and the job pod run the same version of Slipway",
  });
}
