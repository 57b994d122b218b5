import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { HookProcess } from "./hook-process.ts";
import { scriptedCluster } from "./scripted-cluster.ts";

const cluster = scriptedCluster();

async function startStep(): Promise<HookProcess> {
  return new HookProcess(
    cluster.bundle,
    await cluster.folders.env(cluster.server.url),
    cluster.folders.containerStep({ image: "busybox:1" }),
  );
}

function left(): string[] {
  return ["jobs", "pods", "secrets"].flatMap((resource) =>
    cluster.server.objects(resource).map(({ metadata }) => metadata.name),
  );
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

const asked = (verb: string, resource: string, times = 1) =>
  cluster.server.requests.filter((request) => request.verb === verb && request.resource === resource)
    .length >= times;

describe("a signal of the runner", () => {
  it.each([
    ["while the Secret is made", () => asked("create", "secrets")],
    ["while the Job is made", () => asked("create", "jobs")],
    ["while the Job's pod is looked for", () => asked("list", "pods")],
    ["while the pod is prepared", () => asked("get", "pods", 2)],
    ["while files are sent", () => cluster.server.requests.some(({ resource }) => resource === "pods/exec")],
    ["while the step begins", () => cluster.kubelet.started.length > 0],
    ["while the step runs", () => asked("get", "pods/log")],
  ])("%s leaves nothing behind", async (_, reached) => {
    cluster.kubelet.runs(() => new Promise(() => undefined));
    const hook = await startStep();
    await until(reached);
    hook.child.kill("SIGINT");
    const { exitCode, output } = await hook.ended;
    expect(exitCode).toBe(130);
    expect(output).toMatch(/::error::\[CANCELLED\] [^\n]+\n$/);
    expect(left()).toEqual([]);
  });

  it("while files come back leaves nothing behind, and the runner's files as they were", async () => {
    cluster.server.fault({ resource: "pods/exec", after: 1 }, { kind: "stall", when: "before" });
    cluster.kubelet.runs(() => 0);
    const hook = await startStep();
    await until(() => cluster.server.requests.filter(({ resource }) => resource === "pods/exec").length > 1);
    hook.child.kill("SIGTERM");
    expect((await hook.ended).exitCode).toBe(130);
    expect(await cluster.folders.read("repo/repo/to-delete.txt")).toBe("x");
    expect(left()).toEqual([]);
  });

  it("that comes twice ends it at once", async () => {
    cluster.server.fault({ verb: "delete", times: 100 }, { kind: "stall", when: "before" });
    cluster.kubelet.runs(() => new Promise(() => undefined));
    const hook = await startStep();
    await until(() => asked("get", "pods/log"));
    hook.child.kill("SIGINT");
    await until(() => cluster.server.requests.some(({ verb }) => verb === "delete"));
    hook.child.kill("SIGINT");
    expect((await hook.ended).exitCode).toBe(130);
  });

  it("ends it in time when the cluster no longer answers", async () => {
    cluster.kubelet.runs(() => new Promise(() => undefined));
    const hook = await startStep();
    await until(() => asked("get", "pods/log"));
    cluster.server.fault({ verb: "delete", times: 100 }, { kind: "stall", when: "before" });
    hook.child.kill("SIGINT");
    const { exitCode, output } = await hook.ended;
    expect(exitCode).toBe(130);
    expect(output).toContain("::error::[CANCELLED]");
  });
});
