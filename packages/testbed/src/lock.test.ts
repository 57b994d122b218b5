import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { foldersOf } from "./folders.ts";
import { withLock } from "./lock.ts";

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "slipway-lock-"));
});
afterEach(async () => {
  await rm(cache, { recursive: true });
});

const silent = () => undefined;

it("lets one in at a time, also when many find what a killed one left", async () => {
  await writeFile(join(cache, "changed-by"), "4711");
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await delay(250);
    inside -= 1;
  };
  const waiting = Array.from({ length: 12 }, async (_, index) => {
    for (let turn = 0; turn < index; turn += 1) await new Promise(setImmediate);
    await withLock(foldersOf(cache), silent, work);
  });
  await Promise.all(waiting);
  expect(most).toBe(1);
});

it("tells who has it, and is free when that process is killed", async () => {
  const { cache: path } = foldersOf(cache);
  const name = createHash("sha256").update(path).digest("hex").slice(0, 16);
  const listens = `require("node:net").createServer().listen("\\0slipway-testbed-${name}", () => console.log("has it"))`;
  const holder = spawn(process.execPath, ["-e", listens]);
  await once(holder.stdout, "data");
  await writeFile(join(cache, "changed-by"), String(holder.pid));
  const told: unknown[] = [];
  const onWait = (pid: unknown) => {
    told.push(pid);
    holder.kill("SIGKILL");
  };
  expect(await withLock(foldersOf(cache), onWait, () => Promise.resolve("in"))).toBe("in");
  expect(told).toEqual([String(holder.pid)]);
});

it("is free again when the work fails", async () => {
  const fails = withLock(foldersOf(cache), silent, () => Promise.reject(new Error("no")));
  await expect(fails).rejects.toThrow("no");
  expect(await withLock(foldersOf(cache), silent, () => Promise.resolve("in"))).toBe("in");
});
