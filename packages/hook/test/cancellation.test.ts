import { setImmediate as turn } from "node:timers/promises";
import { ApiServer } from "@slipway/kube/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleHook, HookProcess, RunnerFolders } from "./hook-process.ts";
import { ScriptedKubelet } from "./scripted-kubelet.ts";

let bundle: string;
let server: ApiServer;
let kubelet: ScriptedKubelet;
let folders: RunnerFolders;

beforeAll(async () => {
  bundle = await bundleHook();
});
beforeEach(async () => {
  server = await ApiServer.start();
  kubelet = new ScriptedKubelet(server);
  folders = await RunnerFolders.make();
});
afterEach(async () => {
  kubelet.stop();
  await server.stop();
});

async function startStep(): Promise<HookProcess> {
  return new HookProcess(
    bundle,
    await folders.env(server.url),
    folders.containerStep({ image: "busybox:1" }),
  );
}

function left(): string[] {
  return ["jobs", "pods", "secrets"].flatMap((resource) =>
    server.objects(resource).map(({ metadata }) => metadata.name),
  );
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

const asked = (verb: string, resource: string, times = 1) =>
  server.requests.filter((request) => request.verb === verb && request.resource === resource).length >= times;

describe("a signal of the runner", () => {
  it.each([
    ["while the Secret is made", () => asked("create", "secrets")],
    ["while the Job is made", () => asked("create", "jobs")],
    ["while the Job's pod is looked for", () => asked("list", "pods")],
    ["while the pod is prepared", () => asked("get", "pods", 2)],
    ["while files are sent", () => server.requests.some(({ resource }) => resource === "pods/exec")],
    ["while the step begins", () => kubelet.started.length > 0],
    ["while the step runs", () => asked("get", "pods/log")],
  ])("%s leaves nothing behind", async (_, reached) => {
    kubelet.runs(() => new Promise(() => undefined));
    const hook = await startStep();
    await until(reached);
    hook.child.kill("SIGINT");
    const { exitCode, output } = await hook.ended;
    expect(exitCode).toBe(130);
    expect(output).toMatch(/::error::\[CANCELLED\] [^\n]+\n$/);
    expect(left()).toEqual([]);
  });

  it("while files come back leaves nothing behind, and the runner's files as they were", async () => {
    server.fault({ resource: "pods/exec", after: 1 }, { kind: "stall", when: "before" });
    kubelet.runs(() => 0);
    const hook = await startStep();
    await until(() => server.requests.filter(({ resource }) => resource === "pods/exec").length > 1);
    hook.child.kill("SIGTERM");
    expect((await hook.ended).exitCode).toBe(130);
    expect(await folders.read("repo/repo/to-delete.txt")).toBe("x");
    expect(left()).toEqual([]);
  });

  it("that comes twice ends it at once", async () => {
    server.fault({ verb: "delete", times: 100 }, { kind: "stall", when: "before" });
    kubelet.runs(() => new Promise(() => undefined));
    const hook = await startStep();
    await until(() => asked("get", "pods/log"));
    hook.child.kill("SIGINT");
    await until(() => server.requests.some(({ verb }) => verb === "delete"));
    hook.child.kill("SIGINT");
    expect((await hook.ended).exitCode).toBe(130);
  });

  it("ends it in time when the cluster no longer answers", async () => {
    kubelet.runs(() => new Promise(() => undefined));
    const hook = await startStep();
    await until(() => asked("get", "pods/log"));
    server.fault({ verb: "delete", times: 100 }, { kind: "stall", when: "before" });
    hook.child.kill("SIGINT");
    const { exitCode, output } = await hook.ended;
    expect(exitCode).toBe(130);
    expect(output).toContain("::error::[CANCELLED]");
  });
});
