import { spawn } from "node:child_process";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Readable } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Fault } from "./fault-script.ts";

/** A command that somebody runs in a container of the scripted cluster. */
export interface ExecCall {
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly stdin: Readable;
  stdout(chunk: Buffer): Promise<void>;
  stderr(chunk: Buffer): Promise<void>;
  /** Sends bytes as one message, channel byte included: for what no server should send. */
  raw(message: Buffer | string): void;
}

/** Resolves with the exit code; undefined closes the connection without a status. */
export type ExecHandler = (call: ExecCall) => Promise<number | undefined>;

type ExecDrop = Extract<Fault, { kind: "exec-drop" }>;

/** Speaks the server's side of the remote command protocol, v5 or v4. */
export class ExecEndpoint {
  readonly #server: WebSocketServer;

  constructor(protocols: readonly string[] = ["v5.channel.k8s.io", "v4.channel.k8s.io"]) {
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: 32 * 1024 * 1024,
      handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
    });
  }

  /** A handler that is a text is the reason why there is no such command. */
  accept(
    upgrade: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
    call: Pick<ExecCall, "pod" | "container" | "command">,
    handler: ExecHandler | string,
    drop: ExecDrop | undefined,
  ): void {
    const { request, socket, head } = upgrade;
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      const session = new ServerSession(ws, socket, drop);
      if (typeof handler === "string") session.fail(handler);
      else session.run(call, handler);
    });
  }
}

class ServerSession {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #drop: ExecDrop | undefined;
  readonly #stdin: Readable;
  #frozen = false;
  readonly #count = { in: 0, out: 0 };

  constructor(ws: WebSocket, socket: Duplex, drop: ExecDrop | undefined) {
    this.#ws = ws;
    this.#socket = socket;
    this.#drop = drop;
    this.#stdin = new Readable({ read: () => this.#frozen || ws.resume(), highWaterMark: 1024 * 1024 });
    ws.on("error", () => undefined);
    ws.on("message", (data: Buffer) => this.#receive(data));
    ws.on("close", () => this.#stdin.push(null));
    if (drop?.afterFrames === 0) this.#breakConnection(drop.how);
  }

  run(call: Pick<ExecCall, "pod" | "container" | "command">, handler: ExecHandler): void {
    const send = (channel: number) => (chunk: Buffer) =>
      this.#send(Buffer.concat([Buffer.from([channel]), chunk]));
    const raw = (message: Buffer | string) => this.#ws.send(message);
    handler({ ...call, stdin: this.#stdin, stdout: send(1), stderr: send(2), raw }).then(
      (code) => (code === undefined ? this.#ws.close(1000) : this.#status(exitStatus(code))),
      (error: unknown) => this.fail(error instanceof Error ? error.message : String(error)),
    );
  }

  fail(message: string): void {
    this.#status({ status: "Failure", reason: "InternalError", code: 500, message });
  }

  #status(status: object): void {
    this.#send(Buffer.concat([Buffer.from([3]), Buffer.from(JSON.stringify(status))])).then(
      () => this.#ws.close(1000),
      () => undefined,
    );
  }

  #receive(data: Buffer): void {
    if (this.#frozen) return;
    if (data[0] === 255) this.#stdin.push(null);
    else if (data[0] === 0 && !this.#stdin.push(data.subarray(1))) this.#ws.pause();
    this.#counted("in");
  }

  async #send(message: Buffer): Promise<void> {
    if (this.#frozen || this.#ws.readyState !== this.#ws.OPEN) return;
    await new Promise<void>((resolve) => this.#ws.send(message, () => resolve()));
    this.#counted("out");
  }

  #counted(direction: "in" | "out"): void {
    this.#count[direction] += 1;
    const drop = this.#drop;
    if (drop?.direction === direction && this.#count[direction] === drop.afterFrames)
      this.#breakConnection(drop.how);
  }

  #breakConnection(how: ExecDrop["how"]): void {
    this.#frozen = true;
    if (how === "reset") (this.#socket as Duplex & { resetAndDestroy(): void }).resetAndDestroy();
    else if (how === "close") this.#ws.close(1000);
    else this.#ws.pause();
  }
}

function exitStatus(code: number): object {
  if (code === 0) return { status: "Success", metadata: {} };
  const causes = [{ reason: "ExitCode", message: String(code) }];
  const message = `command terminated with non-zero exit code: exit status ${code}`;
  return { status: "Failure", reason: "NonZeroExitCode", message, details: { causes } };
}

/** Really runs the command as a process of this machine; `argv` maps it first, such as from `/slipway` to a folder of the test. */
export function spawnedCommand(
  argv: (command: readonly string[], call: ExecCall) => readonly string[],
): ExecHandler {
  return (call) =>
    new Promise((resolve, reject) => {
      const [file = "", ...args] = argv(call.command, call);
      const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
      child.on("error", reject);
      child.stdin.on("error", () => undefined);
      call.stdin.pipe(child.stdin);
      const drained = Promise.all([pump(child.stdout, call.stdout), pump(child.stderr, call.stderr)]);
      child.on("exit", (code) => drained.then(() => resolve(code ?? 137), reject));
    });
}

async function pump(from: Readable, to: (chunk: Buffer) => Promise<void>): Promise<void> {
  for await (const chunk of from as AsyncIterable<Buffer>) await to(chunk);
}
