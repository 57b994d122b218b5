import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { applyChanges } from "@slipway/filetree";
import {
  type AgentMessage,
  type ClientMessage,
  decodeAgentMessage,
  encodeFrame,
  encodeMessage,
  FRAME,
  type Frame,
  FrameReader,
  type SessionRequest,
  type StepCommand,
  type StepRequest,
  treeFrames,
} from "@slipway/step-protocol";
import { onTestFinished } from "vitest";
import { loadAgentSource } from "../src/testing/index.ts";
import { scratch, tellingOnFailure } from "./agent-process.ts";

let source: Promise<string> | undefined;

/** `serve` and `supervise` as processes, as in a job pod whose work folder is copied. */
export interface JobPod {
  readonly work: string;
  readonly home: string;
  /** Has the file `known` of the runner's programs. */
  readonly externals: string;
  readonly runtime: string;
  readonly agent: string;
  readonly serve: ChildProcess;
  readonly supervise: ChildProcess;
  /** Without a request, a connection on which nothing was said yet. */
  open(request?: SessionRequest): TestSession;
}

export async function jobPod(
  options: { readonly shared?: boolean; readonly externals?: boolean } = {},
): Promise<JobPod> {
  source ??= loadAgentSource();
  const [home, runtime, work] = [scratch(), scratch(), scratch()];
  const agent = join(home, "agent.cjs");
  const externals = join(home, "externals");
  writeFileSync(agent, await source);
  if (options.externals !== false) {
    mkdirSync(externals);
    writeFileSync(join(externals, "known"), "of the runner");
  }
  const start = (command: string, settings: object) =>
    started(
      spawn(process.execPath, [agent, command, JSON.stringify(settings)], {
        stdio: ["ignore", "inherit", "pipe"],
      }),
    );
  const placed = options.shared === true ? {} : { work };
  const serve = start("serve", { home, runtime, externals, ...placed, terminationLog: join(home, "log") });
  const socket = join(runtime, "slipway/io/supervisor.sock");
  const supervise = start("supervise", { socket, terminationLog: join(home, "log") });
  await until(() => existsSync(join(home, "serve.sock")));
  const open = (request?: SessionRequest) => new TestSession(connect(join(home, "serve.sock")), request);
  return { work, home, externals, runtime, agent, serve, supervise, open };
}

/** A pod in which the job has begun. */
export async function begunPod(options: Parameters<typeof jobPod>[0] = {}): Promise<JobPod> {
  const pod = await jobPod(options);
  const begin = pod.open({ kind: "begin", environment: { FROM_JOB: "job", BOTH: "job" }, files: false });
  await begin.until("done");
  return pod;
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

/** A step that runs a line of shell. */
export function stepOf(
  id: string,
  script: string,
  more: Omit<Partial<StepRequest>, "command"> & { readonly command?: Partial<StepCommand> } = {},
): StepRequest {
  const { command, ...rest } = more;
  const shell = { entryPoint: "/bin/sh", args: ["-c", script], environment: {}, prependPath: [] };
  return { kind: "step", id, offset: 0, files: false, back: [], ...rest, command: { ...shell, ...command } };
}

/** The hook's end of a session, frame by frame. */
export class TestSession {
  readonly socket: Socket;
  readonly reader: FrameReader;
  readonly messages: AgentMessage[] = [];
  output = Buffer.alloc(0);

  constructor(socket: Socket, request?: SessionRequest) {
    this.socket = socket;
    socket.on("error", () => undefined);
    this.reader = new FrameReader(socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>);
    if (request !== undefined) socket.write(encodeMessage(request));
  }

  send(message: ClientMessage): void {
    this.socket.write(encodeMessage(message));
  }

  async sendTree(stream: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of stream) this.socket.write(encodeFrame(FRAME.tree, chunk));
    this.socket.write(encodeFrame(FRAME.treeEnd));
  }

  /** The next frame; output and messages are kept. */
  async next(): Promise<Frame | undefined> {
    const frame = await this.reader.next();
    if (frame?.kind === FRAME.output) this.output = Buffer.concat([this.output, frame.payload]);
    if (frame?.kind === FRAME.message) this.messages.push(decodeAgentMessage(frame));
    return frame;
  }

  /** Reads up to the message; fails where the session ends before it. */
  async until<K extends AgentMessage["kind"]>(kind: K): Promise<Extract<AgentMessage, { kind: K }>> {
    for (;;) {
      const frame = await this.next();
      if (frame === undefined) throw new Error(`it ended before ${kind}: ${JSON.stringify(this.messages)}`);
      const last = this.messages.at(-1);
      if (frame.kind === FRAME.message && last?.kind === kind)
        return last as Extract<AgentMessage, { kind: K }>;
    }
  }

  async untilPrinted(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if ((await this.next()) === undefined) throw new Error(`it ended before ${text} was printed`);
    }
  }

  /** Applies what comes back, without a word about it. */
  async apply(folder: string, prefix = "w"): Promise<number> {
    return (await applyChanges(treeFrames(this.reader), new Map([[prefix, folder]]))).entries;
  }

  cut(): void {
    this.socket.destroy();
  }
}

function started(child: ChildProcess): ChildProcess {
  onTestFinished(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => child.once("exit", resolve));
    }
  });
  return tellingOnFailure(child);
}
