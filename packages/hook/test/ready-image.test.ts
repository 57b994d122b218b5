import { appendFile, lstat, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { ScriptedPod } from "@slipway/kube/testing";
import { describe, expect, it } from "vitest";
import { type EndedHook, HookProcess } from "./hook-process.ts";
import { scriptedCluster } from "./scripted-cluster.ts";
import type { Action } from "./scripted-kubelet.ts";

const cluster = scriptedCluster();

async function runStep(action: Action, args: Readonly<Record<string, unknown>> = {}): Promise<EndedHook> {
  cluster.kubelet.runs(action);
  const input = cluster.folders.containerStep({ image: "busybox:1", ...args });
  return new HookProcess(cluster.bundle, await cluster.folders.env(cluster.server.url), input).ended;
}

function left(): string[] {
  return ["jobs", "pods", "secrets"].flatMap((resource) =>
    cluster.server.objects(resource).map(({ metadata }) => metadata.name),
  );
}

const noJobs = {
  kind: "status",
  status: 403,
  reason: "Forbidden",
  message: 'User "u" cannot create resource "jobs" in API group "batch" in the namespace "jobs"',
} as const;

describe("a step with a ready image", () => {
  it("runs with the job's files, and gives back output, exit code, files and outputs", async () => {
    const { exitCode, output, stderr } = await runStep(
      async ({ path, script, container }) => {
        script.log("job", `${JSON.stringify(container.args)}\n`);
        script.log("job", `${await readFile(path("/github/workflow/event.json"), "utf8")}\n`);
        await appendFile(path("/github/file_commands/set_output_1"), "answer=42\n");
        await writeFile(path("/github/workspace/made"), "by step");
        await rm(path("/github/workspace/to-delete.txt"));
        script.log("job", "::notice::commands work");
        return 7;
      },
      { entryPointArgs: ['"hello', 'world"', '"$(x)"'] },
    );
    expect(stderr).toBe("");
    expect(output).toBe('["hello world","$$(x)"]\n{"action":"demo"}\n::notice::commands work');
    expect(exitCode).toBe(7);
    expect(await cluster.folders.read("_temp/_runner_file_commands/set_output_1")).toBe("answer=42\n");
    expect(await cluster.folders.read("repo/repo/made")).toBe("by step");
    expect(await cluster.folders.read("repo/repo/stays.txt")).toBe("y");
    await expect(cluster.folders.read("repo/repo/to-delete.txt")).rejects.toThrow("ENOENT");
    expect(left()).toEqual([]);
  });

  it("lets any user write outputs, shows one file under both of its paths, and hides the hook's responses", async () => {
    const { exitCode } = await runStep(async ({ path, script }) => {
      const seen = await stat(path("/github/file_commands/set_output_1"));
      expect(seen.mode & 0o777).toBe(0o666);
      await writeFile(path("/github/home/.config"), "x");
      expect(await readFile(path("/github/runner_temp/_github_home/.config"), "utf8")).toBe("x");
      await expect(stat(path("/github/runner_temp/_runner_hook_responses"))).rejects.toThrow("ENOENT");
      script.log("job", "done\n");
      return 0;
    });
    expect(exitCode).toBe(0);
    expect(await cluster.folders.read("_temp/_github_home/.config")).toBe("x");
  });

  it("hands over the environment exactly, and never in a pod's specification", async () => {
    const environmentVariables = {
      "INPUT_MY NAME": "a\nb",
      ODD: "$(x) 'y' \"z\" ü",
      EMPTY: "",
      TOKEN: "s3cr3t",
    };
    const { exitCode, output } = await runStep(
      ({ env, pod, script }) => {
        expect(JSON.stringify(pod)).not.toContain("s3cr3t");
        script.log("job", JSON.stringify(env));
        return 0;
      },
      { environmentVariables },
    );
    expect(JSON.parse(output)).toEqual(environmentVariables);
    expect(exitCode).toBe(0);
  });

  it("runs in a bare pod where the Role grants no Jobs, and remembers it", async () => {
    cluster.server.fault({ verb: "create", resource: "jobs" }, noJobs);
    const { exitCode } = await runStep(() => 3);
    expect(exitCode).toBe(3);
    expect(cluster.kubelet.started).toEqual([expect.stringMatching(/^arc-runner-step-[0-9a-f]{8}$/)]);
    const { state } = JSON.parse(await readFile(cluster.folders.responseFile, "utf8"));
    expect(state.slipway.barePods).toBe(true);
    expect(left()).toEqual([]);
  });

  it("keeps the exit code of a step that failed when there is no place for a response", async () => {
    cluster.server.fault({ verb: "create", resource: "jobs" }, noJobs);
    await rm(dirname(cluster.folders.responseFile), { recursive: true });
    expect(await runStep(() => 3)).toMatchObject({ exitCode: 3, output: "" });
  });

  it("fails when there is no place for the response of a step that went well", async () => {
    cluster.server.fault({ verb: "create", resource: "jobs" }, noJobs);
    await rm(dirname(cluster.folders.responseFile), { recursive: true });
    const { exitCode, output } = await runStep(() => 0);
    expect(output).toMatch(
      /\[INVALID_REQUEST\] failed to run container step: The response file .* cannot be written/,
    );
    expect(exitCode).toBe(1);
  });

  it("is refused before anything is made when its image has no legal name", async () => {
    const { exitCode, output } = await runStep(() => 0, { image: "ghcr.io/Owner/app:1" });
    expect(output).toMatch(/^::error::\[INVALID_REQUEST\] .*upper-case letters\. Write owner\/app\.\n$/);
    expect(exitCode).toBe(1);
    expect(cluster.server.requests.filter(({ verb }) => verb === "create")).toEqual([]);
  });

  it("explains a container that ran out of memory, and keeps its exit code", async () => {
    const { exitCode, output } = await runStep(({ script }) => {
      script.log("job", "before\n").terminated("job", 137, { reason: "OOMKilled" });
      return new Promise<number>(() => undefined);
    });
    expect(exitCode).toBe(137);
    expect(output).toMatch(/^before\n::error::\[RESOURCE_EXHAUSTED\] .*memory/);
    expect(left()).toEqual([]);
  });

  it.each([
    [
      "evicted",
      (pod: ScriptedPod) => pod.phase("Failed", "Evicted", "The node was low on resource: memory."),
      /\[POD_LOST\].*low on resource/,
    ],
    [
      "stopped at its deadline",
      (pod: ScriptedPod) => pod.phase("Failed", "DeadlineExceeded"),
      /\[TIMED_OUT\].*SLIPWAY_STEP_TIMEOUT_SECONDS/,
    ],
    [
      "deleted",
      ({ pod }: ScriptedPod) =>
        Object.assign(pod.metadata ?? {}, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
      /\[POD_LOST\].*deleted by someone else/,
    ],
  ])("fails when its pod is %s, though its program ends with 0 on SIGTERM", async (_, stop, line) => {
    const { exitCode, output } = await runStep(({ script }) => {
      stop(script);
      script.log("job", "half\n").terminated("job", 0);
      return new Promise<number>(() => undefined);
    });
    expect(output).toMatch(line);
    expect(exitCode).toBe(1);
    expect(left()).toEqual([]);
  });

  it("cannot lead the runner's responses elsewhere", async () => {
    const { exitCode, output } = await runStep(async ({ path }) => {
      await symlink("/", path("/github/runner_temp/_runner_hook_responses"));
      return 0;
    });
    expect((await lstat(dirname(cluster.folders.responseFile))).isDirectory()).toBe(true);
    expect(output).toMatch(/_runner_hook_responses/);
    expect(exitCode).toBe(1);
  });

  it("is tried once more when its pod is lost before it begins", async () => {
    cluster.kubelet.loses(1);
    const { exitCode } = await runStep(() => 5);
    expect(exitCode).toBe(5);
    expect(cluster.kubelet.started).toHaveLength(1);
    expect(left()).toEqual([]);
  });

  it("is given up when that happens again", async () => {
    cluster.kubelet.loses(2);
    const { exitCode, output } = await runStep(() => 0);
    expect(exitCode).toBe(1);
    expect(output).toContain("::error::[POD_LOST]");
    expect(left()).toEqual([]);
  });

  it("is never run twice: a pod that is lost while it runs is a failure", async () => {
    const { exitCode, output } = await runStep(({ pod, script }) => {
      script.log("job", "begun\n");
      cluster.server.remove("pods", pod.metadata?.name ?? "");
      return new Promise<number>(() => undefined);
    });
    expect(exitCode).toBe(1);
    expect(output).toContain("::error::[POD_LOST]");
    expect(cluster.kubelet.started).toHaveLength(1);
    expect(left()).toEqual([]);
  });
});
