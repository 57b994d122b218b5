import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it, test } from "vitest";
import { jobContainer } from "./job-container.ts";

/** A shell program that is ready for signals once it has printed so. */
const WAIT = "echo ready; while :; do sleep 0.05; done";

async function isGone(pid: number): Promise<void> {
  while (isAlive(pid)) await delay(10);
}

function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

it.each([
  ["has no handler", WAIT, { exitCode: 130 }, /^ready\n$/],
  ["ends by itself at SIGINT", `trap 'echo bye; exit 9' INT; ${WAIT}`, { exitCode: 9 }, /^ready\nbye\n$/],
  ["ignores SIGINT", `trap '' INT; ${WAIT}`, { exitCode: 143 }, /^ready\n/],
  ["ends by itself at SIGTERM", `trap '' INT; trap 'exit 4' TERM; ${WAIT}`, { exitCode: 4 }, /^ready\n/],
  ["ignores both", `trap '' INT TERM; ${WAIT}`, { exitCode: 137 }, /^ready\n/],
])("a cancelled program that %s ends", async (_what, script, exit, printed) => {
  const { shell } = await jobContainer();
  const program = shell(script);
  await program.printed("ready");
  program.cancel();
  program.cancel();
  expect(await program.exited).toEqual(exit);
  // Some shells tell when a signal ended their child.
  expect(program.text()).toMatch(printed);
});

test("SIGINT reaches each process once", async () => {
  const { run } = await jobContainer();
  const script = `
    let count = 0;
    process.on("SIGINT", () => count++);
    process.on("SIGTERM", () => { console.log("SIGINT " + count); process.exit(5); });
    console.log("ready");
    setInterval(() => undefined, 1000);`;
  const program = run({ entryPoint: process.execPath, args: ["-e", script] });
  await program.printed("ready");
  program.cancel();
  expect(await program.exited).toEqual({ exitCode: 5 });
  expect(program.text()).toBe("ready\nSIGINT 1\n");
});

it.each([
  ["cancel", "in sessions of their own", "setsid sh -c 'echo pid $$; sleep 1000' & setsid sleep 1000 & "],
  ["cancel", "that ignore signals", `sh -c 'trap "" INT TERM; echo pid $$; sleep 1000; sleep 1000' & `],
  ["kill", "in sessions of their own", "setsid sh -c 'trap \"\" INT TERM; echo pid $$; sleep 1000; :' & "],
] as const)("%s leaves no descendants %s", async (how, _which, script) => {
  const { shell } = await jobContainer();
  const program = shell(`${script} ${WAIT}`);
  await program.printed("ready");
  await program.printed("pid ");
  program[how]();
  expect((await program.exited).exitCode).toBe(how === "kill" ? 137 : 130);
  await isGone(Number(/pid (\d+)/.exec(program.text())?.[1]));
});

test("a program that is cancelled before it has begun does not begin", async () => {
  const { shell, folder } = await jobContainer();
  const mark = join(folder, "mark");
  const program = shell(`echo > ${mark}; sleep 1000`);
  program.cancel();
  expect((await program.exited).exitCode).toBe(130);
  expect(existsSync(mark)).toBe(false);
});

test("the steps after a cancelled one run", async () => {
  const { shell } = await jobContainer();
  const first = shell(WAIT);
  await first.printed("ready");
  first.cancel();
  await first.exited;
  expect(await shell("exit 6").exited).toEqual({ exitCode: 6 });
});

test("a step that signals whatever is called node does not end the container", async () => {
  const { shell } = await jobContainer();
  const script =
    "kill -TERM $PPID; kill -INT $PPID; kill -HUP $PPID; kill -USR1 $PPID; sleep 0.1; echo alive; exit 4";
  const program = shell(script);
  expect(await program.exited).toEqual({ exitCode: 4 });
  expect(await shell("exit 6").exited).toEqual({ exitCode: 6 });
});

test("what was printed before the container was killed is delivered", async () => {
  const { shell, supervisor } = await jobContainer();
  const program = shell("echo pid $$; echo last words; kill -KILL $PPID; sleep 1000");
  await expect(program.exited).rejects.toMatchObject({ code: "POD_LOST" });
  expect(program.text()).toMatch(/^pid \d+\nlast words\n$/);
  expect(supervisor.signalCode ?? (await once(supervisor, "exit"))[1]).toBe("SIGKILL");
  process.kill(Number(/pid (\d+)/.exec(program.text())?.[1]), "SIGKILL");
});

test("without `serve` the container ends, with its programs", async () => {
  const { shell, supervisor, link } = await jobContainer();
  const program = shell(`echo pid $$; ${WAIT}`);
  await program.printed("ready");
  link.close();
  expect(await once(supervisor, "exit")).toEqual([1, null]);
  await isGone(Number(/pid (\d+)/.exec(program.text())?.[1]));
});
