import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  identityOf,
  isRunning,
  parseStat,
  runningFrom,
  stopProcess,
  writeIdentity,
} from "./process-identity.ts";

async function sleeper() {
  const child = spawn("sleep", ["600"], { stdio: "ignore" });
  await once(child, "spawn");
  const identity = await identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error("no identity");
  return { child, identity };
}

describe("process identity", () => {
  it("reads the fields after a name with spaces and parentheses", () => {
    const fields = Array.from({ length: 30 }, (_, index) => `f${index + 3}`).join(" ");
    expect(parseStat(`42 (a) b (c)) ${fields}`)).toEqual({ state: "f3", startTime: "f22" });
  });

  it("does not take a process that got the pid later for the one that had it", async () => {
    const { child, identity } = await sleeper();
    expect(await isRunning(identity)).toBe(true);
    expect(await isRunning({ ...identity, startTime: "1" })).toBe(false);
    expect(await isRunning({ ...identity, bootId: "another boot" })).toBe(false);
    await stopProcess({ ...identity, startTime: "1" });
    expect(await isRunning(identity)).toBe(true);
    child.kill();
  });

  it("stops the process that it names, and then knows of none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "slipway-pid-"));
    const { child, identity } = await sleeper();
    const file = join(folder, "sleep.json");
    await writeIdentity(file, identity);
    expect((await runningFrom(file))?.pid).toBe(child.pid);
    await stopProcess(identity);
    expect(await runningFrom(file)).toBeUndefined();
    await rm(folder, { recursive: true });
  });
});
