import { appendFile, chmod, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { type EndedHook, HookProcess } from "./hook-process.ts";
import { scriptedCluster } from "./scripted-cluster.ts";
import type { Action } from "./scripted-kubelet.ts";

const cluster = scriptedCluster();

/** A runner whose `_work` is a claim of its own, as in ARC's mode `kubernetes`. */
async function runStep(
  action: Action,
  settings: Readonly<Record<string, string>> = {},
  args: Readonly<Record<string, unknown>> = {},
): Promise<EndedHook> {
  const { folders, kubelet, server } = cluster;
  server.addPod(runnerPod(folders.work));
  kubelet.claim("arc-runner-work", folders.work);
  kubelet.runs(action);
  const env = { ...(await folders.env(server.url)), ...settings };
  return new HookProcess(cluster.bundle, env, folders.containerStep({ image: "busybox:1", ...args })).ended;
}

function runnerPod(work: string): V1Pod {
  const volumeMounts = [{ name: "work", mountPath: work }];
  return {
    metadata: { name: "arc-runner" },
    spec: {
      nodeName: "node-1",
      containers: [{ name: "runner", image: "runner:1", volumeMounts }],
      volumes: [{ name: "work", ephemeral: {} }],
    },
  };
}

async function template(text: string): Promise<Readonly<Record<string, string>>> {
  return { ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE: await cluster.folders.write("../template.yaml", text) };
}

describe("a container step on the runner's own claim", () => {
  it("works on the runner's files, with nothing sent and nothing brought back", async () => {
    const { exitCode, output, stderr } = await runStep(async ({ path, script, pod }) => {
      expect(pod.spec?.nodeName).toBe("node-1");
      expect((await stat(path("/github/file_commands/set_output_1"))).mode & 0o777).toBe(0o666);
      script.log("job", `${await readFile(path("/github/workflow/event.json"), "utf8")}\n`);
      script.log("job", `${await readFile(path("/__w/repo/repo/stays.txt"), "utf8")}\n`);
      await appendFile(path("/github/file_commands/set_output_1"), "answer=42\n");
      await writeFile(path("/github/runner_temp/made"), "by step");
      await rm(path("/github/workspace/to-delete.txt"));
      return 7;
    });
    expect(stderr).toBe("");
    expect(output).toBe('{"action":"demo"}\ny\n');
    expect(exitCode).toBe(7);
    expect(await cluster.folders.read("_temp/_runner_file_commands/set_output_1")).toBe("answer=42\n");
    expect(await cluster.folders.read("_temp/made")).toBe("by step");
    await expect(cluster.folders.read("repo/repo/to-delete.txt")).rejects.toThrow("ENOENT");
    expect(cluster.server.requests.filter(({ resource }) => resource === "pods/exec")).toEqual([]);
    expect(left()).toEqual(["arc-runner"]);
  });

  it("copies where the operator wants it", async () => {
    const { exitCode } = await runStep(
      async ({ path, pod }) => {
        expect(pod.spec?.nodeName).toBeUndefined();
        await writeFile(path("/github/workspace/made"), "in the copy");
        return 0;
      },
      { SLIPWAY_WORK_PLACEMENT: "copy" },
    );
    expect(exitCode).toBe(0);
    expect(await cluster.folders.read("repo/repo/made")).toBe("in the copy");
  });

  it("is never run twice: from its making on nobody knows whether it began", async () => {
    cluster.kubelet.loses(1);
    const { exitCode, output } = await runStep(() => 0);
    expect(exitCode).toBe(1);
    expect(output).toContain("::error::[POD_LOST] failed to run container step: ");
    expect(cluster.kubelet.started).toEqual([]);
    expect(left()).toEqual(["arc-runner"]);
  });

  it("opens no file that a link leads to", async () => {
    const secret = await cluster.folders.write("../secret", "x");
    await chmod(secret, 0o600);
    await rm(join(cluster.folders.work, "_temp/_runner_file_commands/set_output_1"));
    await symlink(secret, join(cluster.folders.work, "_temp/_runner_file_commands/set_output_1"));
    const { exitCode, output } = await runStep(() => 0);
    expect(output).toMatch(/\[INVALID_REQUEST\] failed to run container step: .*set_output_1/);
    expect(exitCode).toBe(1);
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
  });

  it("refuses a volume that is not on the claim, in the official hook's words", async () => {
    const { exitCode, output } = await runStep(
      () => 0,
      {},
      { userMountVolumes: [{ sourceVolumePath: "/etc", targetVolumePath: "/x", readOnly: false }] },
    );
    expect(output).toContain("Volume mounts outside of the work folder are not supported: /etc for /x");
    expect(exitCode).toBe(1);
  });
});

describe("a step with the operator's template", () => {
  it("has what the template wants, and ends though a sidecar runs on or fails", async () => {
    const settings = await template(
      [
        "metadata: { labels: { team: a, runner-pod: mine } }",
        "spec:",
        "  containers:",
        "    - { name: $job, env: [{ name: EXTRA, value: more }] }",
        "    - { name: proxy, image: proxy:1 }",
      ].join("\n"),
    );
    const { exitCode, output } = await runStep(({ container, pod, script }) => {
      expect(pod.metadata?.labels).toMatchObject({ team: "a", "runner-pod": "arc-runner" });
      expect(container.env).toContainEqual({ name: "EXTRA", value: "more" });
      script.terminated("proxy", 137, { reason: "OOMKilled" });
      script.log("job", "done\n");
      return 0;
    }, settings);
    expect(output).toMatch(/^::warning::The pod template's label runner-pod is not used[^\n]*\ndone\n$/);
    expect(exitCode).toBe(0);
    expect(left()).toEqual(["arc-runner"]);
  });

  it("is refused before anything is made when the template cannot be read", async () => {
    const { exitCode, output } = await runStep(() => 0, await template("spec: ["));
    expect(output).toMatch(/\[INVALID_CONFIG\] failed to run container step: .*Failed to parse/);
    expect(exitCode).toBe(1);
    expect(cluster.server.requests.filter(({ verb }) => verb === "create")).toEqual([]);
  });
});

function left(): string[] {
  return ["jobs", "pods", "secrets"].flatMap((resource) =>
    cluster.server.objects(resource).map(({ metadata }) => metadata.name),
  );
}
