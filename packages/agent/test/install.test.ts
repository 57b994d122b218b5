import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { listenForSupervisor } from "../src/job/supervisor-link.ts";
import { loadAgentSource } from "../src/testing/index.ts";
import { scratch, startAgent, tellingOnFailure } from "./agent-process.ts";
import { startersOf } from "./job-container.ts";

let source = "";
beforeAll(async () => {
  source = await loadAgentSource();
});

async function installed() {
  const [home, runtime, work] = [scratch(), scratch(), scratch()];
  const folders = [join(work, "__w/_temp/_github_home"), join(work, "__w/repo")];
  const options = { home, runtime, folders, terminationLog: join(home, "log") };
  const outcome = await startAgent(["-e", source], "install", options).ended;
  expect([outcome.exitCode, outcome.stderr]).toEqual([0, ""]);
  return { home, runtime, work, folders, options };
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}

test("install fills the volumes, with modes for any user", async () => {
  const { home, runtime, work, folders } = await installed();
  expect(readFileSync(join(home, "agent.cjs"), "utf8")).toBe(source);
  expect(readFileSync(join(runtime, "slipway/agent.cjs"), "utf8")).toBe(source);
  expect(["node", "ld.so", "lib/libc.so.6"].map((file) => modeOf(join(runtime, "slipway", file)))).toEqual(
    Array(3).fill("755"),
  );
  expect(["slipway", "externals", "slipway/io"].map((folder) => modeOf(join(runtime, folder)))).toEqual([
    "755",
    "755",
    "777",
  ]);
  expect([...folders, join(work, "__w"), join(work, "__w/_temp")].map(modeOf)).toEqual(Array(4).fill("777"));
});

test("install can be repeated, and leaves folders that are there as they are", async () => {
  const { options, folders } = await installed();
  const [folder = ""] = folders;
  execFileSync("chmod", ["700", folder]);
  expect((await startAgent(["-e", source], "install", options).ended).exitCode).toBe(0);
  expect(modeOf(folder)).toBe("700");
});

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)("an image with nothing in it (needs root for chroot)", () => {
  /** A container's file system: /dev, /proc and what Slipway mounts. */
  async function emptyImage() {
    const { runtime } = await installed();
    const root = scratch();
    mkdirSync(join(root, "dev"));
    execFileSync("cp", ["-a", "/dev/null", join(root, "dev/null")]);
    mkdirSync(join(root, "__slipway"));
    cpSync(join(runtime, "slipway"), join(root, "__slipway"), { recursive: true });
    return root;
  }

  const LOADER = ["/__slipway/ld.so", "--library-path", "/__slipway/lib"];

  test("gets programs started", async () => {
    const root = await emptyImage();
    const folder = join(root, "__slipway/io");
    const link = await listenForSupervisor({ socket: join(folder, "supervisor.sock"), folder });
    const env = { OF_IMAGE: "1", PATH: process.env["PATH"] ?? "" };
    const supervise = [...LOADER, "/__slipway/node", "/__slipway/agent.cjs", "supervise", "{}"];
    const container = tellingOnFailure(
      spawn("chroot", [root, ...supervise], { stdio: ["ignore", "inherit", "pipe"], env }),
    );
    onTestFinished(async () => {
      link.close();
      await once(container, "exit");
    });
    expect(await link.facts).toEqual({ isAlpine: false, uid: 0, gid: 0 });
    const [entryPoint = "", ...loader] = LOADER;
    const { run } = startersOf(link);
    const args = [...loader, "/__slipway/node", "-e", "console.log(JSON.stringify(process.env))"];
    const program = run({ entryPoint, args });
    expect(await program.exited).toEqual({ exitCode: 0 });
    expect(JSON.parse(program.text())).toEqual(env);
    expect(await run({ entryPoint: "sh" }).exited).toMatchObject({ exitCode: 127 });
  });
});

test("every library of this Node is there by the name it asks for", async () => {
  const { runtime } = await installed();
  const slipway = join(runtime, "slipway");
  // `--list` prints what it would load from where (ld.so(8)).
  const listed = execFileSync(
    join(slipway, "ld.so"),
    ["--library-path", join(slipway, "lib"), "--list", join(slipway, "node")],
    { encoding: "utf8" },
  );
  const outside = listed.split("\n").filter((line) => line.includes("=>") && !line.includes(slipway));
  expect(outside.filter((line) => !/ld-linux|vdso/.test(line))).toEqual([]);
});
