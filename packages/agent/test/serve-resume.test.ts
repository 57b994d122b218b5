import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { packTree } from "@slipway/filetree";
import { encodeFrame, encodeMessage, FRAME, type StepRequest } from "@slipway/step-protocol";
import { expect, test } from "vitest";
import { scratch } from "./agent-process.ts";
import { begunPod, type JobPod, stepOf, type TestSession } from "./job-pod.ts";

/** A pod, a runner's folder, and a step that would tell if it ran twice. */
async function bench() {
  const [pod, runner] = [await begunPod(), scratch()];
  mkdirSync(join(runner, "repo"));
  let count = 0;
  const next = () => {
    count += 1;
    rmSync(join(runner, "repo"), { recursive: true });
    mkdirSync(join(runner, "repo"));
    writeFileSync(join(runner, "repo/in"), `input ${count}`);
    rmSync(join(pod.work, "w"), { recursive: true, force: true });
    const script = `cd ${pod.work}/w/repo; cat in; echo; echo 2; sleep 0.02; echo x >> runs; cat in in > out; exit 5`;
    return stepOf(`step-${count}`, script, { files: true, back: ["w/repo"] });
  };
  return { pod, runner, next };
}

type Bench = Awaited<ReturnType<typeof bench>>;

/** What the hook sends first. */
async function opening(request: StepRequest, runner: string): Promise<Buffer> {
  const parts = [encodeMessage(request)];
  for await (const chunk of packTree([{ from: runner, to: "w" }])) parts.push(encodeFrame(FRAME.tree, chunk));
  return Buffer.concat([...parts, encodeFrame(FRAME.treeEnd)]);
}

/** Goes on until the end; returns all of the output. */
async function finish(pod: JobPod, request: StepRequest, runner: string, printed: Buffer): Promise<string> {
  const session = pod.open({ ...request, offset: printed.length });
  await session.sendTree(packTree([{ from: runner, to: "w" }]));
  expect((await session.until("exit")).exit).toEqual({ exitCode: 5 });
  await session.apply(runner);
  session.send({ kind: "applied" });
  await session.until("done");
  return Buffer.concat([printed, session.output]).toString();
}

async function expectWhole({ pod, runner }: Bench, request: StepRequest, printed: Buffer, what: string) {
  const input = readFileSync(join(runner, "repo/in"), "utf8");
  expect(await finish(pod, request, runner, printed), what).toBe(`${input}\n2\n`);
  expect(readFileSync(join(runner, "repo/runs"), "utf8"), what).toBe("x\n");
  expect(readFileSync(join(runner, "repo/out"), "utf8"), what).toBe(input + input);
}

test("a step goes on wherever the connection is cut while the hook speaks", async () => {
  const all = await bench();
  const size = (await opening(all.next(), all.runner)).length;
  const request = encodeMessage(stepOf("x", "")).length;
  for (const at of [0, 1, 4, 5, request, size - 200, size - 100, size - 10, size - 5, size - 1, size]) {
    const step = all.next();
    const raw = all.pod.open();
    raw.socket.end((await opening(step, all.runner)).subarray(0, at));
    if (at % 2 === 0) await delay(1);
    raw.cut();
    await expectWhole(all, step, Buffer.alloc(0), `cut after ${at} bytes of ${size}`);
  }
});

test("a step goes on wherever the connection is cut while the pod speaks", async () => {
  const all = await bench();
  const whole = await recorded(all, Number.POSITIVE_INFINITY);
  const places = whole.ends.flatMap((end) => [end - 1, end, end + 1, end + 5]);
  for (const at of new Set([0, ...places.filter((place) => place <= whole.total)])) {
    const { request, printed } = await recorded(all, at);
    await expectWhole(all, request, printed, `cut after ${at} bytes of ${whole.total}`);
  }
});

/** Reads so many bytes of what the pod says, and cuts the connection. What is output in them counts as printed. */
async function recorded({ pod, runner, next }: Bench, limit: number) {
  const request = next();
  const session = pod.open();
  session.socket.write(await opening(request, runner));
  const ends: number[] = [];
  let total = 0;
  for (;;) {
    const frame = await frameWithin(session, limit - total);
    if (frame === undefined) break;
    total += 5 + frame.payload.length;
    ends.push(total);
    if (frame.kind === FRAME.treeEnd) break;
  }
  session.cut();
  return { request, printed: session.output, ends, total };
}

/** The next frame, if it ends within so many bytes. The rest of one that does not is lost with the connection. */
async function frameWithin(session: TestSession, room: number) {
  const before = session.output;
  const frame = room <= 0 ? undefined : await session.next();
  if (frame === undefined || 5 + frame.payload.length <= room) return frame;
  session.output = before;
  return undefined;
}

test("a daemon in the background may go on writing to a file that comes back", async () => {
  const { pod, runner } = await bench();
  const log = join(pod.work, "w/log");
  mkdirSync(join(pod.work, "w"));
  const script = `(while [ -d ${pod.work} ]; do echo line; done >> ${log} 2>/dev/null) & sleep 0.1`;
  for (const id of ["1", "2"]) {
    const session = pod.open(stepOf(id, id === "1" ? script : "true", { back: ["w"] }));
    await session.until("exit");
    await session.apply(runner);
    session.send({ kind: "applied" });
    await session.until("done");
    expect(existsSync(join(runner, "log"))).toBe(true);
  }
});
