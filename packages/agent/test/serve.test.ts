import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { packTree } from "@slipway/filetree";
import { encodeFrame, encodeMessage, FRAME, frameHeader } from "@slipway/step-protocol";
import { describe, expect, test } from "vitest";
import { scratch } from "./agent-process.ts";
import { begunPod, jobPod, stepOf, TestSession, until } from "./job-pod.ts";

/** A runner's folder with a few files. */
function runnerFolder(): string {
  const folder = scratch();
  mkdirSync(join(folder, "repo/empty"), { recursive: true });
  writeFileSync(join(folder, "repo/a"), "a of the runner");
  writeFileSync(join(folder, "output"), "");
  return folder;
}

test("a job begins: files are in place, the container is described; and once more after a lost answer", async () => {
  const [pod, runner] = [await jobPod(), runnerFolder()];
  for (let time = 0; time < 2; time += 1) {
    const begin = pod.open({ kind: "begin", environment: {}, files: true });
    await begin.sendTree(packTree([{ from: runner, to: "w" }]));
    await begin.until("done");
    expect(begin.messages).toEqual([
      { kind: "begun", facts: { isAlpine: false, uid: process.getuid?.(), gid: process.getgid?.() } },
      { kind: "received" },
      { kind: "done" },
    ]);
    expect(await begin.next()).toBeUndefined();
  }
  expect(readFileSync(join(pod.work, "w/repo/a"), "utf8")).toBe("a of the runner");
});

test("the program of the container starts once, with the first beginning", async () => {
  const [pod, mark] = [await jobPod(), join(scratch(), "mark")];
  const main = { entryPoint: "/bin/sh", args: ["-c", `echo $NAME >> ${mark}`] };
  for (let time = 0; time < 2; time += 1) {
    await pod.open({ kind: "begin", environment: { NAME: "x" }, files: false, main }).until("done");
  }
  await pod.open(stepOf("1", "true")).until("done");
  await until(() => statSync(mark, { throwIfNoEntry: false })?.size === 2);
});

test("a step has the environment of job and step, its output, its exit code", async () => {
  const pod = await begunPod();
  const script = `printf '%s|' "$FROM_JOB" "$BOTH" "$ODD" "$@"; echo err >&2; exit 3`;
  const odd = " $(x) 'q' \"\n ü🚢 ";
  const step = pod.open(
    stepOf("1", script, {
      command: { args: ["-c", script, "sh", odd], environment: { BOTH: "step", ODD: odd } },
    }),
  );
  await step.until("done");
  expect(step.output.toString()).toBe(`job|step|${odd}|${odd}|err\n`);
  expect(step.messages).toEqual([{ kind: "exit", exit: { exitCode: 3 } }, { kind: "done" }]);
});

test("files go in before the program starts, and what it changed comes back", async () => {
  const [pod, runner] = [await begunPod(), runnerFolder()];
  const script = `cd ${pod.work}/w; cat repo/a > output; echo new > repo/b; rm -r repo/empty`;
  const step = pod.open(stepOf("1", script, { files: true, back: ["w/repo", "w/output"] }));
  await step.sendTree(packTree([{ from: runner, to: "w" }]));
  await step.until("exit");
  expect(await step.apply(runner)).toBe(3);
  step.send({ kind: "applied" });
  await step.until("done");
  expect(readFileSync(join(runner, "output"), "utf8")).toBe("a of the runner");
  expect(readFileSync(join(runner, "repo/b"), "utf8")).toBe("new\n");
  expect(statSync(join(runner, "repo/empty"), { throwIfNoEntry: false })).toBeUndefined();
});

test("changes are told again until they were applied", async () => {
  const [pod, runner] = [await begunPod(), runnerFolder()];
  const put = pod.open({ kind: "put" });
  await put.sendTree(packTree([{ from: runner, to: "w" }]));
  await put.until("done");
  await pod.open(stepOf("1", `echo 1 > ${pod.work}/w/new`)).until("done");
  const collect = async (applied: boolean) => {
    const session = pod.open({ kind: "collect", back: ["w"] });
    const count = await session.apply(scratch());
    if (applied) {
      session.send({ kind: "applied" });
      await session.until("done");
    } else session.cut();
    return count;
  };
  expect([await collect(false), await collect(true), await collect(true)]).toEqual([1, 1, 0]);
});

test("a program starts once for an id, and its end is remembered until the next one", async () => {
  const [pod, mark] = [await begunPod(), join(scratch(), "mark")];
  const request = stepOf("1", `echo x >> ${mark}; echo out; exit 4`);
  for (let time = 0; time < 3; time += 1) {
    const step = pod.open(request);
    expect((await step.until("exit")).exit).toEqual({ exitCode: 4 });
    await step.until("done");
    expect(step.output.toString()).toBe("out\n");
  }
  expect(readFileSync(mark, "utf8")).toBe("x\n");
  await pod.open(stepOf("2", "true")).until("done");
  expect((await pod.open(request).until("failed")).error).toMatchObject({ code: "INVALID_REQUEST" });
  expect(readFileSync(mark, "utf8")).toBe("x\n");
});

test("a step finds the runner's own programs in place", async () => {
  const pod = await begunPod();
  const step = pod.open(stepOf("1", `cat ${pod.runtime}/externals/known`));
  await step.until("done");
  expect(step.output.toString()).toBe("of the runner");
});

test("another step ends one that still runs, and a new session the one before it", async () => {
  const [pod, mark] = [await begunPod(), join(scratch(), "mark")];
  const first = pod.open(stepOf("1", `echo $$ > ${mark}; echo started; exec sleep 1000`));
  await first.untilPrinted("started");
  const second = pod.open(stepOf("2", "echo second"));
  await second.until("done");
  await expect(first.until("done")).rejects.toThrow(/ended before|cut in the middle/);
  expect(() => process.kill(Number(readFileSync(mark, "utf8")), 0)).toThrow(/ESRCH/);
});

test("output that nobody prints stops the program at 8 MiB, and goes on from there intact", async () => {
  const pod = await begunPod();
  const total = 20_000_000;
  const request = stepOf("1", `head -c ${total} /dev/zero | tr '\\0' x; echo`);
  const first = pod.open(request);
  while (first.output.length < 8 * 1024 * 1024) await first.next();
  first.cut();
  const second = pod.open({ ...request, offset: first.output.length });
  const hash = createHash("sha256").update(first.output);
  let offset = first.output.length;
  for (
    let frame = await second.reader.next();
    frame?.kind === FRAME.output;
    frame = await second.reader.next()
  ) {
    hash.update(frame.payload);
    offset += frame.payload.length;
    second.send({ kind: "printed", offset });
  }
  expect(offset).toBe(total + 1);
  expect(hash.digest("hex")).toBe(
    createHash("sha256")
      .update(`${"x".repeat(total)}\n`)
      .digest("hex"),
  );
});

test("output that is printed is not kept, however much there is", async () => {
  const pod = await begunPod();
  const total = 400_000_000;
  const step = pod.open(stepOf("1", `head -c ${total} /dev/zero`));
  let [offset, said] = [0, 0];
  for (let frame = await step.reader.next(); frame?.kind === FRAME.output; frame = await step.reader.next()) {
    offset += frame.payload.length;
    if (offset - said < 256 * 1024) continue;
    said = offset;
    step.send({ kind: "printed", offset });
  }
  const status = readFileSync(`/proc/${pod.serve.pid}/status`, "utf8");
  const peakMiB = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  expect(offset).toBe(total);
  expect(peakMiB).toBeLessThan(256);
});

test("a program waits while nobody prints what it wrote", async () => {
  const pod = await begunPod();
  const sizes = join(scratch(), "sizes");
  const script = `i=0; while [ $i -lt 400 ]; do head -c 65536 /dev/zero; i=$((i+1)); echo $i > ${sizes}; done`;
  const step = pod.open(stepOf("1", script));
  while (step.output.length < 8 * 1024 * 1024) await step.next();
  // What is kept, what the pipe holds, and what is on its way from it: it cannot have written much more.
  expect(Number(readFileSync(sizes, "utf8"))).toBeLessThan(128 + 8);
  step.send({ kind: "printed", offset: step.output.length });
  while (step.output.length < 16 * 1024 * 1024) await step.next();
});

describe("a cancel", () => {
  test("interrupts the program, whose own answer counts", async () => {
    const pod = await begunPod();
    const step = pod.open(
      stepOf("1", "trap 'echo bye; exit 7' INT; echo ready; while :; do sleep 0.05; done"),
    );
    await step.untilPrinted("ready");
    step.send({ kind: "cancel" });
    expect((await step.until("exit")).exit).toEqual({ exitCode: 7 });
    expect(step.output.toString()).toBe("ready\nbye\n");
  });

  test("reaches it by another connection as well", async () => {
    const pod = await begunPod();
    const request = stepOf("1", "echo ready; exec sleep 1000");
    const first = pod.open(request);
    await first.untilPrinted("ready");
    first.cut();
    const second = pod.open({ ...request, offset: 6 });
    second.send({ kind: "cancel" });
    expect((await second.until("exit")).exit.exitCode).toBe(130);
  });

  test("before all files have come leaves the program unstarted", async () => {
    const [pod, mark] = [await begunPod(), join(scratch(), "mark")];
    const step = pod.open(stepOf("1", `echo x > ${mark}`, { files: true }));
    step.socket.write(encodeFrame(FRAME.tree, Buffer.from("slipway-tree")));
    step.send({ kind: "cancel" });
    step.socket.write(encodeFrame(FRAME.tree, Buffer.from("late")));
    expect((await step.until("exit")).exit.exitCode).toBe(130);
    await step.until("done");
    expect(statSync(mark, { throwIfNoEntry: false })).toBeUndefined();
  });
});

test("the end of the job container ends the session, after all that was printed, and refuses the next step", async () => {
  const pod = await begunPod();
  const step = pod.open(stepOf("1", "echo ready; exec sleep 1000"));
  await step.untilPrinted("ready");
  pod.supervise.kill("SIGKILL");
  expect((await step.until("failed")).error).toMatchObject({
    code: "POD_LOST",
    message: "The job container has ended",
  });
  for (const request of [stepOf("1", "true"), stepOf("2", "true")]) {
    expect((await pod.open(request).until("failed")).error.code).toBe("POD_LOST");
  }
});

describe("costs one step, and not the job container:", () => {
  const long = "x".repeat(100_000);
  test.each([
    ["a program with an endless name", {}, { entryPoint: long }, 127],
    ["a PATH that is too long to quote", {}, { entryPoint: "nope", prependPath: [long] }, 127],
    [
      "an environment that is too large in sum",
      { A: "a".repeat(12_000_000) },
      { environment: { B: "b".repeat(12_000_000) } },
      126,
    ],
  ])("%s", async (_what, environment, command, exitCode) => {
    const pod = await begunPod();
    await pod.open({ kind: "begin", environment, files: false }).until("done");
    const step = pod.open(stepOf("1", "true", { command }));
    const { exit } = await step.until("exit");
    expect(exit).toMatchObject({ exitCode, failure: { code: "INVALID_REQUEST" } });
    expect(exit.failure?.message.length).toBeLessThan(3000);
    await pod.open({ kind: "begin", environment: {}, files: false }).until("done");
    await pod.open(stepOf("2", "true")).until("done");
  });
});

describe("is refused, and does no harm:", () => {
  const cases: [string, Buffer][] = [
    ["a frame of an unknown kind", encodeFrame(0x21 as never, Buffer.from("{}"))],
    ["a frame that is too long", frameHeader(FRAME.message, 0xffff_ffff)],
    ["truncated JSON", encodeFrame(FRAME.message, Buffer.from('{"kind":"pu'))],
    ["an unknown request", encodeFrame(FRAME.message, Buffer.from('{"kind":"burn"}'))],
    ["output of a program", encodeFrame(FRAME.output, Buffer.from("x"))],
    [
      "garbage in the middle of a step",
      Buffer.concat([encodeMessage(stepOf("1", "sleep 1000")), Buffer.alloc(9)]),
    ],
    [
      "garbage for files",
      Buffer.concat([encodeMessage({ kind: "put" }), encodeFrame(FRAME.tree, Buffer.alloc(99))]),
    ],
    ["an offset that is not there", encodeMessage(stepOf("1", "true", { offset: 1 }))],
  ];
  test.each(cases)("%s", async (what, bytes) => {
    const pod = await begunPod();
    const session = new TestSession(connect(join(pod.home, "serve.sock")));
    session.socket.write(bytes);
    const code = what === "garbage for files" ? "CLUSTER_UNAVAILABLE" : "INVALID_REQUEST";
    expect((await session.until("failed")).error.code).toBe(code);
    expect(await session.next()).toBeUndefined();
    await pod.open(stepOf("2", "true")).until("done");
  });

  test("anything before the job began", async () => {
    const pod = await jobPod();
    const step = await pod.open(stepOf("1", "true")).until("failed");
    const put = pod.open({ kind: "put" });
    await put.sendTree(packTree([{ from: scratch(), to: "w" }]));
    for (const { error } of [step, await put.until("failed")])
      expect(error.message).toMatch(/before the job began/);
  });

  test("files where the work folder is shared", async () => {
    const pod = await begunPod({ shared: true });
    const step = pod.open(stepOf("1", "true", { back: ["w"] }));
    expect((await step.until("failed")).error.message).toMatch(/shares the runner's work folder/);
    await pod.open(stepOf("2", "true")).until("done");
  });

  test("a program of the runner's that the agent's image does not have; others run", async () => {
    const pod = await begunPod({ externals: false });
    const node = pod.open(stepOf("1", "", { command: { entryPoint: "/__e/node20/bin/node", args: [] } }));
    expect((await node.until("failed")).error).toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining(pod.externals),
    });
    await pod.open(stepOf("2", "true")).until("done");
  });
});
