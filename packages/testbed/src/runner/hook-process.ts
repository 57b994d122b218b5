import { spawn } from "node:child_process";
import { once } from "node:events";

/** The runner's own timing of a cancel (actions/runner, ProcessInvoker): SIGINT, 7.5 s, SIGTERM, 2.5 s, SIGKILL. */
const SIGTERM_AFTER_MS = 7_500;
const SIGKILL_AFTER_MS = 2_500;

export interface HookCall {
  readonly node: string;
  readonly hook: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: object;
  readonly onOutput: (chunk: Buffer) => void;
  /** Cancels as the runner does, once the output so far matches. */
  readonly cancelWhen?: RegExp;
  /** SIGKILL at that point instead: a runner that is gone. */
  readonly kill?: boolean;
}

export interface HookExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly durationMs: number;
  /** Sent to it, in order: only SIGINT when it ended in the time that the runner gives. */
  readonly signalsSent: readonly NodeJS.Signals[];
}

/** One process per command, JSON on stdin and stdin closed, both streams read line by line: as the runner starts a hook. */
export async function callHook(call: HookCall): Promise<HookExit> {
  const started = performance.now();
  const child = spawn(call.node, [call.hook], {
    cwd: call.cwd,
    env: { ...call.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  const signalsSent: NodeJS.Signals[] = [];
  const timers: NodeJS.Timeout[] = [];
  const send = (signal: NodeJS.Signals): void => {
    signalsSent.push(signal);
    child.kill(signal);
  };
  const cancel = (): void => {
    send(call.kill === true ? "SIGKILL" : "SIGINT");
    timers.push(setTimeout(() => send("SIGTERM"), SIGTERM_AFTER_MS));
    timers.push(setTimeout(() => send("SIGKILL"), SIGTERM_AFTER_MS + SIGKILL_AFTER_MS));
  };
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    call.onOutput(chunk);
    const due = signalsSent.length === 0 && call.cancelWhen !== undefined;
    if (due && call.cancelWhen?.test(Buffer.concat(chunks).toString("utf8")) === true) cancel();
  };
  child.stdout.on("data", onData);
  child.stderr.on("data", onData);
  // A hook that dies before it has read its input closes the pipe; its exit code tells, not this error.
  child.stdin.on("error", () => undefined);
  child.stdin.end(`${JSON.stringify(call.input)}\n`);
  const [exitCode, signal] = (await once(child, "close")) as [number | null, string | null];
  for (const timer of timers) clearTimeout(timer);
  return {
    exitCode,
    signal,
    output: Buffer.concat(chunks).toString("utf8"),
    durationMs: performance.now() - started,
    signalsSent,
  };
}
