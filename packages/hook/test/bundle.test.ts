import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleHook, HookProcess } from "./hook-process.ts";

let bundle: string;

beforeAll(async () => {
  bundle = await bundleHook();
});

function start(input: unknown, env: Readonly<Record<string, string>> = {}): HookProcess {
  return new HookProcess(bundle, env, input);
}

describe("the bundle", () => {
  it("is one file of at most 1 MB, beside the word that it is CommonJS", async () => {
    expect(await readdir(dirname(bundle))).toEqual(["index.js", "package.json"]);
    expect((await stat(bundle)).size).toBeLessThanOrEqual(1_000_000);
  });

  it.each([
    ["nothing on stdin", "", /\[INVALID_REQUEST\].*stdin is empty/],
    ["an unknown command", { command: "nope" }, /\[INVALID_REQUEST\].*"nope"/],
    ["a missing setting", { command: "cleanup_job" }, /\[INVALID_CONFIG\].*RUNNER_WORKSPACE/],
  ])("ends with one line that tells the cause for %s", async (_, input, line) => {
    const { exitCode, output, stderr } = await start(input).ended;
    expect(exitCode).toBe(1);
    expect(output.trimEnd().split("\n")).toEqual([expect.stringMatching(line)]);
    expect(stderr).toBe("");
  });

  it("fails when there is no way to the cluster, and tells why", async () => {
    const env = {
      ACTIONS_RUNNER_POD_NAME: "arc",
      RUNNER_WORKSPACE: "/w/r",
      KUBECONFIG: "/nonexistent/config",
    };
    const { exitCode, output } = await start({ command: "cleanup_job" }, env).ended;
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^::error::\[INVALID_CONFIG\] [^\n]*\/nonexistent\/config[^\n]*\n$/);
  });

  it("goes through the SOCKS proxy that a kubeconfig names", async () => {
    const proxy = createServer().listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const kubeconfig = join(dirname(bundle), `../${basename(dirname(bundle))}-kubeconfig`);
    const cluster = {
      server: "https://192.0.2.1",
      "proxy-url": `socks5://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    };
    const config = {
      clusters: [{ name: "c", cluster }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u", namespace: "jobs" } }],
      users: [{ name: "u", user: {} }],
      "current-context": "c",
    };
    await writeFile(kubeconfig, JSON.stringify(config));
    const env = { ACTIONS_RUNNER_POD_NAME: "arc", RUNNER_WORKSPACE: "/w/r", KUBECONFIG: kubeconfig };
    const hook = start({ command: "cleanup_job" }, env);
    const [socket] = (await once(proxy, "connection")) as [Socket];
    // RFC 1928: the version of the protocol comes first.
    expect(((await once(socket, "data")) as [Buffer])[0][0]).toBe(5);
    hook.child.kill("SIGKILL");
    await hook.ended;
    proxy.close();
    await rm(kubeconfig);
  });

  it("fails when there is no temporary folder, and tells where it looked", async () => {
    const env = {
      ACTIONS_RUNNER_POD_NAME: "arc",
      ACTIONS_RUNNER_KUBERNETES_NAMESPACE: "ns",
      RUNNER_WORKSPACE: "/w/r",
      TMPDIR: "/nonexistent",
    };
    const { exitCode, output } = await start({ command: "cleanup_job" }, env).ended;
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^::error::\[INVALID_CONFIG\] [^\n]*\/nonexistent[^\n]*TMPDIR\.\n$/);
  });

  it("fails when its event loop runs dry, and says so", () => {
    // As if the last handle were gone: whatever waits is never told.
    const code =
      "process.stdin.on = () => process.stdin; process.stdin.once = process.stdin.on; process.stdin[Symbol.asyncIterator] = () => ({ next: () => new Promise(() => undefined) });";
    const { status, stdout } = spawnSync(
      process.execPath,
      ["-e", `${code} require(${JSON.stringify(bundle)})`],
      { encoding: "utf8", input: "" },
    );
    expect(status).toBe(1);
    expect(stdout).toContain("::error::[INTERNAL] The hook ended without a result");
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends with 130 for %s before the runner has said what to do",
    async (signal) => {
      const code = `require(${JSON.stringify(bundle)}); require("node:fs").writeSync(2, "ready")`;
      const child = spawn(process.execPath, ["-e", code], { env: {}, stdio: ["pipe", "pipe", "pipe"] });
      await once(child.stderr, "data");
      child.kill(signal);
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
      const [exitCode] = await once(child, "close");
      expect({ exitCode, output }).toEqual({
        exitCode: 130,
        output: `::error::[CANCELLED] The runner stopped the step (${signal}).\n`,
      });
    },
  );

  it("has a clear end when nobody reads its output", async () => {
    const hook = start({ command: "nope" });
    hook.child.stdout?.destroy();
    expect((await hook.ended).exitCode).toBe(1);
  });
});
