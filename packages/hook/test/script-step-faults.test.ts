import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Fault } from "@slipway/kube/testing";
import { describe, expect, it } from "vitest";
import { scriptStepBed } from "./script-step-bed.ts";

const bed = scriptStepBed();

const exec = { resource: "pods/exec" };
const drop = (direction: "in" | "out", afterFrames: number, how: "reset" | "close"): Fault => ({
  kind: "exec-drop",
  direction,
  afterFrames,
  how,
});
const lines = Array.from({ length: 40 }, (_, index) => `line ${index}\n`).join("");
const SCRIPT = `
  echo x >> ../../_temp/runs
  for i in $(seq 0 39); do echo "line $i"; sleep 0.01; done
  wc -l < ../../_temp/runs > made; echo answer=42 >> "$GITHUB_OUTPUT"; exit 4`;

/** Whether a process has signals that it has not taken yet (proc(5), ShdPnd). */
function signalWaits(pid: number | undefined): boolean {
  return !/^ShdPnd:\t0+$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

/** Our own line says that the connection was lost; everything else is the step's. */
const withoutNotice = (output: string) => output.replace(/^Connecting to the job pod again[^\n]*\n/gm, "");

describe("a script step survives", () => {
  const cuts = [
    ["in", 0, "reset"],
    ["in", 1, "close"],
    ["out", 1, "reset"],
    ["out", 2, "close"],
    ["out", 3, "reset"],
    ["out", 9, "close"],
    ["out", 20, "reset"],
    ["out", 38, "close"],
  ] as const;
  it.each(cuts)("a cut %s after frame %i by %s", async (direction, after, how) => {
    bed.server.fault(exec, drop(direction, after, how));
    const { exitCode, output } = await bed.run(SCRIPT);
    expect(withoutNotice(output)).toBe(lines);
    expect(exitCode).toBe(4);
    expect(await bed.folders.read("repo/repo/made")).toBe("1\n");
    expect(await bed.folders.read("_temp/_runner_file_commands/set_output_1")).toBe("answer=42\n");
    expect(bed.server.pendingFaults).toBe(0);
  });

  it("an API server that is away for a while", async () => {
    bed.server.fault({ ...exec, after: 1, times: 4 }, { kind: "status", status: 503 });
    bed.server.fault({ resource: "pods", times: 3 }, { kind: "status", status: 503 });
    const hook = await bed.start(SCRIPT);
    await new Promise((resolve) => hook.child.stdout?.once("data", resolve));
    bed.server.dropConnections();
    const { exitCode, output } = await hook.ended;
    expect(withoutNotice(output)).toBe(lines);
    expect(exitCode).toBe(4);
    expect(await bed.folders.read("repo/repo/made")).toBe("1\n");
  });
});

describe("a signal of the runner", () => {
  const TRAPPING = `trap 'echo stopped; echo trapped > ../../_temp/trapped; exit 7' INT; echo ready; while :; do sleep 0.05; done`;

  it("reaches the program, whose last words are printed", async () => {
    const hook = await bed.start(TRAPPING);
    await new Promise((resolve) => hook.child.stdout?.once("data", resolve));
    hook.child.kill("SIGINT");
    const { exitCode, output } = await hook.ended;
    expect(exitCode).toBe(130);
    expect(output).toMatch(/^ready\n(.*\n)*stopped\n::error::\[CANCELLED\] [^\n]+\n$/);
    expect(await bed.run("cat ../../_temp/trapped")).toMatchObject({ exitCode: 0, output: "trapped\n" });
  });

  it("reaches the program over a new connection", async () => {
    const hook = await bed.start(TRAPPING);
    await new Promise((resolve) => hook.child.stdout?.once("data", resolve));
    bed.server.fault({ resource: "pods" }, { kind: "stall", when: "before" });
    bed.server.dropConnections();
    while (!bed.server.requests.some(({ resource }) => resource === "pods")) await turn();
    hook.child.kill("SIGINT");
    expect((await hook.ended).exitCode).toBe(130);
    expect(await bed.run("cat ../../_temp/trapped")).toMatchObject({ exitCode: 0, output: "trapped\n" });
  });

  it("ends the hook when the cluster is out of reach", async () => {
    const hook = await bed.start(TRAPPING);
    await new Promise((resolve) => hook.child.stdout?.once("data", resolve));
    bed.server.fault({ times: 99 }, { kind: "stall", when: "before" });
    bed.server.dropConnections();
    hook.child.kill("SIGINT");
    const { exitCode, output } = await hook.ended;
    expect(exitCode).toBe(130);
    expect(output).toContain("::error::[CANCELLED]");
  });

  it("while files come back leaves the runner's as they were", async () => {
    const hook = await bed.start("rm to-delete.txt; head -c 3000000 /dev/urandom > made; echo ready");
    bed.server.fault(exec, { kind: "exec-drop", direction: "out", afterFrames: 6, how: "freeze" });
    while (bed.server.pendingFaults > 0) await turn();
    await new Promise((resolve) => hook.child.stdout?.once("data", resolve));
    while (!existsSync(join(bed.pod.work, "repo/repo/made"))) await turn();
    hook.child.kill("SIGINT");
    expect((await hook.ended).exitCode).toBe(130);
    expect(await bed.folders.read("repo/repo/to-delete.txt")).toBe("x");
  });

  it("that comes twice ends it at once", async () => {
    const hook = await bed.start("trap '' INT TERM; echo ready; while :; do sleep 0.05; done");
    await new Promise((resolve) => hook.child.stdout?.once("data", resolve));
    hook.child.kill("SIGINT");
    // Of two signals that wait at once the kernel may hand over the second one first.
    while (signalWaits(hook.child.pid)) await turn();
    hook.child.kill("SIGTERM");
    const { exitCode, output } = await hook.ended;
    expect(exitCode).toBe(130);
    expect(output).toMatch(/::error::\[CANCELLED\] The runner stopped the step \(SIGINT\)\.\n$/);
  });

  it("comes too early to start anything", async () => {
    bed.server.fault({ ...exec, times: 9 }, { kind: "stall", when: "before" });
    const hook = await bed.start("echo ran >> ../../_temp/ran");
    while (bed.server.requests.length === 0) await turn();
    hook.child.kill("SIGINT");
    expect((await hook.ended).exitCode).toBe(130);
  });
});
