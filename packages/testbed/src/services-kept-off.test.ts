import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { withServicesKeptOff } from "./services-kept-off.ts";

let folder: string;
let policy: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-policy-"));
  policy = join(folder, "policy-rc.d");
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const answer = () =>
  new Promise((resolve) => {
    execFile(policy, ["docker", "start"], (error) => resolve(error?.code));
  });

it("forbids every start while the work goes on, and no longer", async () => {
  expect(await withServicesKeptOff(policy, answer)).toBe(101);
  expect(existsSync(policy)).toBe(false);
  await expect(withServicesKeptOff(policy, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(existsSync(policy)).toBe(false);
});

it("removes what a killed process left", async () => {
  let left = "";
  await withServicesKeptOff(policy, async () => {
    left = await readFile(policy, "utf8");
  });
  await writeFile(policy, left);
  await withServicesKeptOff(policy, () => Promise.resolve());
  expect(existsSync(policy)).toBe(false);
});

it("leaves the machine's own policy alone", async () => {
  await writeFile(policy, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  expect(await withServicesKeptOff(policy, answer)).toBeUndefined();
  expect(await readFile(policy, "utf8")).toBe("#!/bin/sh\nexit 0\n");
});
