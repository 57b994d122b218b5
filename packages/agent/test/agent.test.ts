import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { applyChanges, packTree } from "@slipway/filetree";
import { beforeAll, expect, test } from "vitest";
import { loadAgentSource } from "../src/testing/index.ts";
import { scratch, startAgent } from "./agent-process.ts";

let source = "";
beforeAll(async () => {
  source = await loadAgentSource();
});

/** A runner's folder, and a pod's volumes. */
function folders() {
  const [runner, home, work] = [scratch(), scratch(), scratch()];
  writeFileSync(join(runner, "a"), "old");
  writeFileSync(join(runner, "output"), "", { mode: 0o600 });
  return { runner, home, work, into: join(work, "files"), snapshot: join(home, "snapshot.json") };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

async function* bytes(...chunks: Buffer[]): AsyncGenerator<Buffer, void> {
  yield* chunks;
}

test("the agent is small enough for an argument", () => {
  // Linux takes 128 KiB in one (MAX_ARG_STRLEN); the rest is for what is added later. docs/decisions/0008 has the figures.
  expect(Buffer.byteLength(source)).toBeLessThanOrEqual(60 * 1024);
});

test("the agent has nothing in it of what reads images: that is for tests and reports", () => {
  expect(source).not.toMatch(/tar-checksum|whiteout-and-entry|SCHILY/);
});

test.each([
  ["an argument", (_file: string) => ["-e", source]],
  ["a file", (file: string) => [file]],
])("a defect is reported with a stack trace that names functions, from %s", async (_what, program) => {
  const home = scratch();
  const file = join(home, "agent.cjs");
  writeFileSync(file, source);
  const { exitCode, stderr } = await startAgent(program(file), "push", [] as object).ended;
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/at (async )?push \(slipway-agent\.cjs:\d+:\d+\)/);
});

test("files go in, and what the step changed comes out", async () => {
  const { runner, home, into, snapshot } = folders();
  const receiving = startAgent(["-e", source], "receive", { home, timeoutSeconds: 30, folders: [home] });
  const installed = join(home, "agent.cjs");
  await until(() => existsSync(installed));
  expect(readFileSync(installed, "utf8")).toBe(source);

  const options = { attempt: 1, home, into, snapshot, worldWritable: ["w/output"] };
  const unpacking = await startAgent([installed], "unpack", options, packTree([{ from: runner, to: "w" }]))
    .ended;
  expect(unpacking).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(unpacking.stdout.toString())).toMatchObject({ entries: 3, bytes: 3 });
  expect((await receiving.ended).exitCode).toBe(0);
  expect(statSync(join(into, "w/output")).mode & 0o777).toBe(0o666);

  writeFileSync(join(into, "w/output"), "name=value\n");
  const sent = await startAgent([installed], "changes", { root: into, snapshot }).ended;
  expect(sent.exitCode).toBe(0);
  expect(await applyChanges(bytes(sent.stdout), new Map([["w", runner]]))).toMatchObject({ entries: 1 });
  expect(readFileSync(join(runner, "output"), "utf8")).toBe("name=value\n");
});

test("a transfer that broke leaves no mark, and can be repeated", async () => {
  const { runner, home, into } = folders();
  const chunks: Buffer[] = [];
  for await (const chunk of packTree([{ from: runner, to: "" }])) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  const broken = await startAgent(
    ["-e", source],
    "unpack",
    { attempt: 1, home, into },
    bytes(whole.subarray(0, -1)),
  ).ended;
  expect(broken.exitCode).toBe(1);
  expect(JSON.parse(broken.stderr)).toMatchObject({ error: { code: "CLUSTER_UNAVAILABLE" } });
  expect(existsSync(join(home, "received"))).toBe(false);
  writeFileSync(join(into, "left over"), "");
  expect(
    (await startAgent(["-e", source], "unpack", { attempt: 1, home, into }, bytes(whole)).ended).exitCode,
  ).toBe(0);
  expect(readdirSync(into).sort()).toEqual(["a", "output"]);
  expect(existsSync(join(home, "received"))).toBe(true);
});

test("a second transfer ends one that is still waiting for a lost connection", async () => {
  const { runner, home, into } = folders();
  const waiting = startAgent(["-e", source], "unpack", { attempt: 1, home, into }, "open");
  await until(() => existsSync(into));
  const files = packTree([{ from: runner, to: "" }]);
  const second = await startAgent(["-e", source], "unpack", { attempt: 2, home, into }, files).ended;
  expect(second.exitCode).toBe(0);
  await waiting.ended;
  expect(waiting.child.signalCode).toBe("SIGKILL");
});

test("a transfer that starts after a later one touches nothing", async () => {
  const { runner, home, into } = folders();
  const files = packTree([{ from: runner, to: "" }]);
  expect((await startAgent(["-e", source], "unpack", { attempt: 2, home, into }, files).ended).exitCode).toBe(
    0,
  );
  writeFileSync(join(into, "made"), "by the step");
  const late = await startAgent(["-e", source], "unpack", { attempt: 1, home, into }).ended;
  expect(late.exitCode).toBe(1);
  expect(readdirSync(into).sort()).toEqual(["a", "made", "output"]);
});

test("a refused stream ends the agent though the sender goes on", async () => {
  const { home, into } = folders();
  const refusing = startAgent(["-e", source], "unpack", { attempt: 1, home, into }, "open");
  refusing.child.stdin?.write("this is no file stream at all");
  expect((await refusing.ended).exitCode).toBe(1);
});

test.each([
  ["receive", { timeoutSeconds: 0.1 }, "TIMED_OUT"],
  ["receive", { timeoutSeconds: 1, folders: ["/not/mounted"] }, "INVALID_CONFIG"],
  ["hold", { timeoutSeconds: 0.1 }, "TIMED_OUT"],
  ["push", { layout: "/none", destinations: [], auth: "/none", maxBytes: 1 }, "INVALID_CONFIG"],
])("%s %j ends with %s on standard error and in the termination log", async (command, options, code) => {
  const home = scratch();
  const terminationLog = join(home, "termination-log");
  const { exitCode, stderr } = await startAgent(["-e", source], command, { home, terminationLog, ...options })
    .ended;
  expect(exitCode).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({
    error: { code, message: expect.any(String), remedy: expect.any(String) },
  });
  expect(readFileSync(terminationLog, "utf8").trim()).toBe(stderr.trim());
});

test("an unknown command is a defect", async () => {
  const { exitCode, stderr } = await startAgent(["-e", source], "dance", {}).ended;
  expect([exitCode, JSON.parse(stderr).error.code]).toEqual([1, "INTERNAL"]);
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)("%s ends a container at once with code %d", async (signal, code) => {
  const home = scratch();
  const receiving = startAgent(["-e", source], "receive", { home, timeoutSeconds: 60 });
  await until(() => existsSync(join(home, "agent.cjs")));
  receiving.child.kill(signal);
  expect((await receiving.ended).exitCode).toBe(code);
});

test("a folder that cannot be read is reported, and the stream has no end", async () => {
  const { home, snapshot } = folders();
  mkdirSync(join(home, "d"));
  writeFileSync(snapshot, "something else");
  const { exitCode, stderr } = await startAgent(["-e", source], "changes", {
    root: join(home, "d"),
    snapshot,
  }).ended;
  expect([exitCode, JSON.parse(stderr).error.code]).toEqual([1, "INTERNAL"]);
});
