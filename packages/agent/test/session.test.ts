import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { packTree } from "@slipway/filetree";
import {
  decodeAgentMessage,
  encodeFrame,
  encodeMessage,
  FRAME,
  FrameReader,
  type SessionRequest,
} from "@slipway/step-protocol";
import { expect, onTestFinished, test } from "vitest";
import { scratch } from "./agent-process.ts";
import { begunPod, type JobPod, stepOf, until } from "./job-pod.ts";

/** `session` as an exec starts it: pipes that stay open until the hook closes them. */
function exec(pod: JobPod, request: SessionRequest) {
  const child = spawn(process.execPath, [pod.agent, "session", JSON.stringify({ home: pod.home })]);
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.on("error", () => undefined);
  child.stdin.write(encodeMessage(request));
  const exited = once(child, "exit").then(([exitCode]) => exitCode as number | null);
  return { child, exited, reader: new FrameReader(child.stdout), stdin: child.stdin };
}

/** Settles when the chunk was taken, or never will be. */
function write(stdin: Writable, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => void stdin.write(chunk, () => resolve()));
}

/** The kinds of messages up to the end, and how many bytes of output there were between them. */
async function heard(reader: FrameReader) {
  const kinds: string[] = [];
  let bytes = 0;
  for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
    if (frame.kind === FRAME.output) bytes += frame.payload.length;
    else kinds.push(decodeAgentMessage(frame).kind);
  }
  return { kinds, bytes };
}

test("a session ends by itself, also while the hook holds its standard input open", async () => {
  const pod = await begunPod();
  const { reader, exited } = exec(pod, stepOf("1", "head -c 1000000 /dev/zero"));
  expect(await heard(reader)).toEqual({ kinds: ["exit", "done"], bytes: 1_000_000 });
  expect(await exited).toBe(0);
});

test("the answer comes also to a hook that has closed its end", async () => {
  const [pod, runner] = [await begunPod(), scratch()];
  writeFileSync(join(runner, "large"), Buffer.alloc(20_000_000, 1));
  const { stdin, reader, exited } = exec(pod, { kind: "put" });
  for await (const chunk of packTree([{ from: runner, to: "w" }]))
    await write(stdin, encodeFrame(FRAME.tree, chunk));
  stdin.end(encodeFrame(FRAME.treeEnd));
  expect(await heard(reader)).toEqual({ kinds: ["received", "done"], bytes: 0 });
  expect([await exited, statSync(join(pod.work, "w/large")).size]).toEqual([0, 20_000_000]);
});

test("a failure in the middle of a large transfer is told, however much is still on its way", async () => {
  const pod = await begunPod();
  const { stdin, reader, exited } = exec(pod, { kind: "put" });
  const listening = heard(reader);
  for (let i = 0; i < 200; i += 1) await write(stdin, encodeFrame(FRAME.tree, Buffer.alloc(200_000)));
  expect((await listening).kinds).toEqual(["failed"]);
  expect(await exited).toBe(0);
});

test("what nobody reads stays in the pod, and a cancel gets through meanwhile", async () => {
  const pod = await begunPod();
  const mark = join(scratch(), "mark");
  const script = `trap 'touch ${mark}; exit 9' INT; while :; do head -c 65536 /dev/zero; done`;
  const { stdin, reader } = exec(pod, stepOf("1", script));
  await reader.next();
  stdin.write(encodeMessage({ kind: "cancel" }));
  await until(() => existsSync(mark));
  const { kinds } = await drained(reader, stdin);
  expect(kinds).toEqual(["exit", "done"]);
});

/** Prints everything, and says so. */
async function drained(reader: FrameReader, stdin: Writable) {
  const kinds: string[] = [];
  let offset = 65_536;
  for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
    if (frame.kind !== FRAME.output) kinds.push(decodeAgentMessage(frame).kind);
    offset += frame.kind === FRAME.output ? frame.payload.length : 0;
    if (frame.kind === FRAME.output) stdin.write(encodeMessage({ kind: "printed", offset: offset - 65_536 }));
  }
  return { kinds };
}

test("a hook that is gone leaves no process behind, and the program runs on", async () => {
  const pod = await begunPod();
  const { child, reader, exited } = exec(pod, stepOf("1", "echo a; sleep 0.2; echo b"));
  await reader.next();
  child.stdin.destroy();
  child.stdout.destroy();
  expect(await exited).not.toBeNull();
  const again = exec(pod, stepOf("1", "false", { offset: 2 }));
  expect(await heard(again.reader)).toEqual({ kinds: ["exit", "done"], bytes: 2 });
});

test("without serve a session ends without its last word, and a new one says why it cannot be", async () => {
  const pod = await begunPod();
  const { exited, reader } = exec(pod, stepOf("1", "echo a; exec sleep 1000"));
  await reader.next();
  pod.serve.kill("SIGKILL");
  expect(await reader.next()).toBeUndefined();
  await exited;
  const late = exec(pod, { kind: "put" });
  const errors = Buffer.concat((await late.child.stderr.toArray()) as Buffer[]).toString();
  expect(await late.exited).toBe(1);
  expect(JSON.parse(errors)).toMatchObject({ error: { code: "POD_LOST" } });
});
