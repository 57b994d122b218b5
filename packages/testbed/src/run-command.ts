import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { childEnvironment } from "./settings.ts";
import { TestbedError } from "./testbed-error.ts";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Buffer | Readable;
  /** Gets each line of either stream as it comes. */
  readonly onLine?: (line: string) => void;
  readonly timeoutMs?: number;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code; rejects only when it cannot be started. */
export async function tryCommand(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: childEnvironment(options.env),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.timeoutMs === undefined
      ? {}
      : { timeout: options.timeoutMs, killSignal: "SIGKILL" as const }),
  });
  const code = new Promise<number | null>((resolve, reject) => {
    child.on("error", (cause) =>
      reject(new TestbedError(`${program} cannot be started: ${cause.message}`, { cause })),
    );
    child.on("close", resolve);
  });
  const out = collect(child.stdout, options.onLine);
  const err = collect(child.stderr, options.onLine);
  // A program that ends before it has read its input tells by its exit code, not by this pipe.
  child.stdin.on("error", () => undefined);
  const fed = feed(child.stdin, options.input);
  const exit = await code;
  await fed;
  return { code: exit, stdout: await out, stderr: await err };
}

/** Runs a program and returns what it printed; throws with the end of its output unless it ends with 0. */
export async function runCommand(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await tryCommand(argv, options);
  if (code === 0) return stdout;
  const tail = `${stdout}\n${stderr}`.trim().split("\n").slice(-25).join("\n");
  throw new TestbedError(`${argv.slice(0, 6).join(" ")} ended with ${code ?? "a signal"}:\n${tail}`);
}

async function feed(stdin: NodeJS.WritableStream, input: RunOptions["input"]): Promise<void> {
  if (input === undefined) return void stdin.end();
  if (typeof input === "string" || Buffer.isBuffer(input)) return void stdin.end(input);
  await pipeline(input, stdin).catch(() => undefined);
}

async function collect(stream: Readable, onLine: RunOptions["onLine"]): Promise<string> {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  if (onLine !== undefined) createInterface({ input: stream }).on("line", onLine);
  await new Promise<void>((resolve) => stream.once("close", () => resolve()));
  return Buffer.concat(chunks).toString("utf8");
}
