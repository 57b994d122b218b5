import type { ExecCall } from "@slipway/kube/testing";
import {
  type AgentMessage,
  type ClientMessage,
  decodeClientMessage,
  decodeRequest,
  encodeFrame,
  encodeMessage,
  FRAME,
  FrameReader,
  type SessionRequest,
  type StepExit,
  type StepRequest,
  treeFrames,
} from "@slipway/step-protocol";

/** An agent of a job pod that plays one program: by the rules, or with `misbehave` against them. */
export class ScriptedAgent {
  readonly requests: SessionRequest[] = [];
  readonly heard: ClientMessage[] = [];
  /** Ids whose program was started. */
  readonly started: string[] = [];
  /** What came as files before the program started. */
  readonly received: string[] = [];
  output: readonly string[] = [];
  exit: StepExit = { exitCode: 0 };
  /** What comes back, in pieces. */
  back: readonly string[] = [];
  applied = 0;
  /** The program runs until it is cancelled. */
  endless = false;
  /** Instead of the answer to a request. */
  misbehave: ((send: (bytes: Buffer) => Promise<void>) => Promise<number | undefined>) | undefined;

  /** Answers one exec. */
  async serve(call: ExecCall): Promise<number | undefined> {
    const reader = new FrameReader(call.stdin as AsyncIterable<Buffer>);
    const first = await reader.next();
    if (first === undefined) return 1;
    const request = decodeRequest(first);
    this.requests.push(request);
    if (this.misbehave !== undefined) return this.misbehave((bytes) => call.stdout(bytes));
    try {
      await new ScriptedSession(this, request, reader, call).answer();
      return 0;
    } catch {
      return undefined;
    }
  }
}

class ScriptedSession {
  readonly #agent: ScriptedAgent;
  readonly #request: SessionRequest;
  readonly #reader: FrameReader;
  readonly #call: ExecCall;

  constructor(agent: ScriptedAgent, request: SessionRequest, reader: FrameReader, call: ExecCall) {
    this.#agent = agent;
    this.#request = request;
    this.#reader = reader;
    this.#call = call;
  }

  async answer(): Promise<void> {
    const request = this.#request;
    if (request.kind === "begin")
      await this.#send({ kind: "begun", facts: { isAlpine: true, uid: 1000, gid: 1000 } });
    if (request.kind === "put" || ("files" in request && request.files)) await this.#take();
    if (request.kind === "step") await this.#run(request);
    if (request.kind === "step" || request.kind === "collect") await this.#giveBack(request.back);
    await this.#send({ kind: "done" });
  }

  async #take(): Promise<void> {
    let text = "";
    for await (const chunk of treeFrames(this.#reader)) text += chunk.toString("utf8");
    const isNew = this.#request.kind !== "step" || !this.#agent.started.includes(this.#request.id);
    if (isNew) this.#agent.received.push(text);
    await this.#send({ kind: "received" });
  }

  async #run(request: StepRequest): Promise<void> {
    const { started, output, exit, endless } = this.#agent;
    if (!started.includes(request.id)) started.push(request.id);
    await this.#print(Buffer.from(output.join("")).subarray(request.offset));
    if (endless) while ((await this.#hear()).kind !== "cancel");
    await this.#send({ kind: "exit", exit: endless ? { exitCode: 130 } : exit });
  }

  /** In small pieces, or in large ones where there is much. */
  async #print(rest: Buffer): Promise<void> {
    const size = rest.length < 100_000 ? 7 : 7_000;
    for (let at = 0; at < rest.length; at += size)
      await this.#call.stdout(encodeFrame(FRAME.output, rest.subarray(at, at + size)));
  }

  async #giveBack(back: readonly string[]): Promise<void> {
    if (back.length === 0) return;
    for (const piece of this.#agent.back)
      await this.#call.stdout(encodeFrame(FRAME.tree, Buffer.from(piece)));
    await this.#call.stdout(encodeFrame(FRAME.treeEnd));
    while ((await this.#hear()).kind !== "applied");
    this.#agent.applied += 1;
  }

  async #hear(): Promise<ClientMessage> {
    const frame = await this.#reader.next();
    if (frame === undefined) throw new Error("nobody is there any more");
    const message = decodeClientMessage(frame);
    this.#agent.heard.push(message);
    return message;
  }

  #send(message: AgentMessage): Promise<void> {
    return this.#call.stdout(encodeMessage(message));
  }
}
