import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadAgentSource } from "@slipway/agent/testing";
import { ApiServer } from "@slipway/kube/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { stateWithJob } from "../src/protocol/job-state.ts";
import { bundleHook, type EndedHook, HookProcess, RunnerFolders } from "./hook-process.ts";
import { LocalJobPod } from "./script-step-bed.ts";
import { type Action, ScriptedKubelet } from "./scripted-kubelet.ts";

let bundle: string;
let agentSource: string;
let server: ApiServer;
let folders: RunnerFolders;
let jobPod: LocalJobPod;
let kubelet: ScriptedKubelet;

beforeAll(async () => {
  [bundle, agentSource] = await Promise.all([bundleHook(), loadAgentSource()]);
});
/** A job that has begun, whose work folder is copied. */
beforeEach(async () => {
  server = await ApiServer.start();
  folders = await RunnerFolders.make();
  jobPod = await LocalJobPod.start(server, agentSource);
  await jobPod.begin(folders);
  server.requests.length = 0;
  kubelet = new ScriptedKubelet(server);
  kubelet.adopt(jobPod.state.pod, jobPod.home);
});
afterEach(async () => {
  kubelet.stop();
  jobPod.stop();
  await server.stop();
});

async function runStep(action: Action): Promise<EndedHook> {
  kubelet.runs(action);
  const input = folders.containerStep({ image: "busybox:1" }, stateWithJob({}, jobPod.state));
  return new HookProcess(bundle, await folders.env(server.url), input).ended;
}

async function inPod(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(jobPod.work, path)), { recursive: true });
  await writeFile(join(jobPod.work, path), text);
}

const readInPod = (path: string) => readFile(join(jobPod.work, path), "utf8");

describe("a container step of a job with a pod of its own", () => {
  it("sees what the steps before it did in the pod, and they what it did", async () => {
    await inPod("repo/repo/built", "by a script step");
    await inPod("_temp/note", "by a script step");
    await rm(join(jobPod.work, "repo/repo/to-delete.txt"));
    const { exitCode, output, stderr } = await runStep(async ({ path, script }) => {
      script.log("job", `${await readFile(path("/github/workspace/built"), "utf8")}\n`);
      script.log("job", `${await readFile(path("/github/runner_temp/note"), "utf8")}\n`);
      script.log("job", `${existsSync(path("/github/workspace/to-delete.txt"))}\n`);
      await writeFile(path("/github/workspace/built"), "by the container step");
      await writeFile(path("/github/runner_temp/report"), "by the container step");
      await rm(path("/github/workspace/stays.txt"));
      return 0;
    });
    expect(stderr).toBe("");
    expect(output).toBe("by a script step\nby a script step\nfalse\n");
    expect(exitCode).toBe(0);
    expect(await folders.read("repo/repo/built")).toBe("by the container step");
    expect(await readInPod("repo/repo/built")).toBe("by the container step");
    expect(await readInPod("_temp/report")).toBe("by the container step");
    expect(existsSync(join(jobPod.work, "repo/repo/stays.txt"))).toBe(false);
    expect(existsSync(join(jobPod.work, "_temp/_slipway"))).toBe(false);
  });

  it("gives its work to the steps after it though it fails", async () => {
    const { exitCode } = await runStep(async ({ path }) => {
      await writeFile(path("/github/workspace/log"), "why it failed");
      return 3;
    });
    expect(exitCode).toBe(3);
    expect(await readInPod("repo/repo/log")).toBe("why it failed");
  });

  it("sends the files of the runner's for the step along, too", async () => {
    await folders.write("_temp/from-runner", "new");
    await runStep(() => 0);
    expect(await readInPod("_temp/from-runner")).toBe("new");
  });

  it.each([
    ["the first session, which brings the pod's files", 0, "out", 1],
    ["the last session, before it has sent anything", 3, "in", 0],
    ["the last session, when its answer is on the way", 3, "out", 1],
  ] as const)("survives a cut of %s", async (_, after, direction, afterFrames) => {
    await inPod("repo/repo/built", "by a script step");
    const drop = { kind: "exec-drop", direction, afterFrames, how: "reset" } as const;
    server.fault({ resource: "pods/exec", after }, drop);
    const { exitCode } = await runStep(async ({ path }) => {
      await writeFile(path("/github/workspace/made"), await readFile(path("/github/workspace/built")));
      return 0;
    });
    expect(exitCode).toBe(0);
    expect(await readInPod("repo/repo/made")).toBe("by a script step");
    expect(kubelet.started).toHaveLength(1);
  });

  it("is not begun when the pod is gone", async () => {
    server.remove("pods", jobPod.state.pod);
    const { exitCode, output } = await runStep(() => 0);
    expect(output).toMatch(/^::error::\[POD_LOST\] failed to run container step: /);
    expect(exitCode).toBe(1);
    expect(kubelet.started).toEqual([]);
  });

  it("is not green when the job's other steps cannot see its work", async () => {
    const { exitCode, output } = await runStep(async ({ path }) => {
      await writeFile(path("/github/workspace/made"), "x");
      server.remove("pods", jobPod.state.pod);
      return 0;
    });
    expect(output).toContain("::error::[POD_LOST] failed to run container step: ");
    expect(exitCode).toBe(1);
  });
});
