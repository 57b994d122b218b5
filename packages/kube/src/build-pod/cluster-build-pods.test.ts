import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { BuildError, type BuildEvent, type BuildRequest, type BuildSession } from "@slipway/core";
import { unpackTree } from "@slipway/filetree";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiServer, apiFor, type ExecHandler, ManualClock, type ScriptedPod } from "../testing/index.ts";
import { DEFAULT_BUILD_POD_LIMITS } from "./build-pod-settings.ts";
import { createBuildPods } from "./cluster-build-pods.ts";
import type { ContainerFailure, LayoutBuild } from "./layout-build.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

let server: ApiServer;
let clock: ManualClock;
let folder: string;
let events: BuildEvent[];
let failures: ContainerFailure[];
let abort: AbortController;
/** The line of output at which the build is cancelled. */
let cancelAt: string | undefined;
/** What happens to the pods that are created, one script each; the last one for all that follow. */
let scripts: ((pod: ScriptedPod) => void)[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "build-pods-"));
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
  writeFileSync(join(folder, "kept"), "");
  writeFileSync(join(folder, "left-out"), "");
  writeFileSync(join(folder, ".dockerignore"), "left-out\n");
  clock = new ManualClock({ running: true });
  events = [];
  failures = [];
  abort = new AbortController();
  cancelAt = undefined;
  scripts = [(pod) => void pod.running("receive")];
  server = await ApiServer.start();
  server.onCreate((_, object) => {
    const script = scripts.length > 1 ? scripts.shift() : scripts[0];
    script?.(server.pod(object.metadata.name));
  });
  server.onExec(receives(succeeds));
});
afterEach(async () => {
  expect(server.pendingFaults).toBe(0);
  await server.stop();
  rmSync(folder, { recursive: true });
});

function receives(then: (pod: ScriptedPod) => void): ExecHandler {
  return async (call) => {
    const received = join(folder, "..", `${call.pod}-received`);
    mkdirSync(received, { recursive: true });
    const summary = await unpackTree(call.stdin as AsyncIterable<Buffer>, received);
    rmSync(received, { recursive: true });
    await call.stdout(Buffer.from(`${JSON.stringify(summary)}\n`));
    then(server.pod(call.pod).terminated("receive", 0));
    return 0;
  };
}

const succeeds = (pod: ScriptedPod) =>
  pod
    .running("build")
    .log("build", "step 1\n")
    .terminated("build", 0)
    .terminated("push", 0, { message: JSON.stringify({ digest: DIGEST }) })
    .phase("Succeeded");
const fails =
  (code: number, reason = "Error") =>
  (pod: ScriptedPod) =>
    pod
      .running("build")
      .log("build", "the last words\n")
      .terminated("build", code, { reason })
      .phase("Failed");

const build: LayoutBuild = {
  builder: "test",
  container: { image: "builder:1", args: [], capabilities: [] },
  classify: (failure) => {
    failures.push(failure);
    return new BuildError("BUILD_FAILED", `classified ${failure.exitCode}`);
  },
};

function run(more: Partial<LayoutBuild> = {}): Promise<unknown> {
  const request: BuildRequest = {
    context: { kind: "directory", path: folder },
    dockerfile: "Dockerfile",
    destinations: ["registry/a:b"],
  };
  return pods().run({ ...build, ...more }, request, session());
}

function session(): BuildSession {
  const emit = (event: BuildEvent) => {
    events.push(event);
    if (event.type === "log" && event.line === cancelAt) abort.abort();
  };
  return { id: "1", owner: "o", signal: abort.signal, emit };
}

function pods() {
  return createBuildPods({
    api: apiFor(server, { clock }),
    clock,
    settings: {
      agent: { image: "runner:1", node: "node", source: "", imagePullSecrets: [] },
      owner: { runnerPod: "runner" },
      trust: { plainHttp: [], ca: "PEM" },
      limits: DEFAULT_BUILD_POD_LIMITS,
    },
  });
}

const created = () =>
  server.requests.filter(({ verb, resource }) => verb === "create" && resource === "pods").length;

describe("BuildPods.run", () => {
  afterEach(() => expect(server.objects("pods")).toEqual([]));

  it("uploads, passes the output on, and takes the digest from `push`", async () => {
    expect(await run()).toEqual({ digest: DIGEST });
    expect(events.flatMap((event) => (event.type === "phase" ? event.phase : []))).toEqual([
      "prepare",
      "upload",
      "build",
      "push",
    ]);
    expect(events).toContainEqual({ type: "log", line: "step 1" });
  });

  it("sends the context by the rules of .dockerignore, the Dockerfile beside it, and certificates", async () => {
    const paths: string[] = [];
    server.onExec(async (call) => {
      const stream = await text(call.stdin);
      paths.push(...[...stream.matchAll(/"path":"([^"]*)"/g)].map(([, path]) => path ?? ""));
      await call.stderr(Buffer.from('{"error":{"code":"INTERNAL","message":"enough"}}\n'));
      return 1;
    });
    await expect(run()).rejects.toMatchObject({ message: "enough" });
    expect(paths.sort()).toEqual(
      [
        "context",
        "context/.dockerignore",
        "context/Dockerfile",
        "context/kept",
        "Dockerfile",
        "Dockerfile.dockerignore",
        "ca/registry-ca.pem",
      ].sort(),
    );
  });

  it("lets the builder say what its exit code means", async () => {
    server.onExec(receives(fails(7)));
    await expect(run()).rejects.toMatchObject({ message: "classified 7" });
    expect(failures).toEqual([{ exitCode: 7, reason: "Error", lines: ["the last words"] }]);
    expect(created()).toBe(1);
  });

  it("keeps notable lines for the builder, however much is printed after them", async () => {
    server.onExec(
      receives((pod) => {
        pod.running("build").log("build", "notable\n");
        for (let line = 0; line < 300; line += 1) pod.log("build", "noise\n");
        pod.terminated("build", 7).phase("Failed");
      }),
    );
    await expect(run({ isNotable: (line) => line === "notable" })).rejects.toMatchObject({
      code: "BUILD_FAILED",
    });
    expect(failures[0]?.lines).toHaveLength(201);
    expect(failures[0]?.lines[0]).toBe("notable");
  });

  it("names the setting of the container that ran out of memory, and of that one only", async () => {
    server.onExec(receives(fails(255, "OOMKilled")));
    await expect(run({ memorySetting: "MEMORY" })).rejects.toMatchObject({ remedy: "Raise MEMORY" });
    server.onExec(
      receives((pod) =>
        pod
          .running("build")
          .terminated("build", 0)
          .terminated("push", 137, { reason: "OOMKilled" })
          .phase("Failed"),
      ),
    );
    await expect(run({ memorySetting: "MEMORY" })).rejects.toMatchObject({
      remedy: expect.not.stringContaining("MEMORY") as string,
    });
  });

  it("takes an exit code for nothing while someone else deletes the pod", async () => {
    server.onExec(
      receives((pod) => {
        if (created() === 3) return succeeds(pod);
        pod.pod.metadata = { ...pod.pod.metadata, deletionTimestamp: new Date() };
        return fails(143)(pod);
      }),
    );
    expect(await run()).toEqual({ digest: DIGEST });
    expect(failures).toEqual([]);
  });

  it("gives a slow node all the time for its volumes", async () => {
    scripts = [
      (pod) => {
        pod.condition({ type: "PodScheduled", status: "False", message: "no node" });
        clock.after(300_000, () => {
          pod.condition({ type: "PodScheduled", status: "True" });
          pod.condition({ type: "PodReadyToStartContainers", status: "False" });
        });
        clock.after(350_000, () => pod.running("receive"));
      },
    ];
    expect(await run()).toEqual({ digest: DIGEST });
  });

  it("knows better than the builder when the cluster has the explanation", async () => {
    server.onExec(receives(fails(255, "OOMKilled")));
    await expect(run()).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
    expect(failures).toEqual([]);
  });

  const reported = (message: string) =>
    JSON.stringify({ error: { code: "REGISTRY_DENIED", message, remedy: "cure" } });
  it.each([
    ["what the agent reports", 1, reported("no"), { code: "REGISTRY_DENIED", message: "no", remedy: "cure" }],
    ["a digest with an exit code", 1, JSON.stringify({ digest: DIGEST }), { code: "INTERNAL" }],
    ["success without a digest", 0, "", { code: "INTERNAL" }],
    ["a digest that is none", 0, JSON.stringify({ digest: "sha256:xyz" }), { code: "INTERNAL" }],
    [
      "an error that nobody knows",
      1,
      JSON.stringify({ error: { code: "X", message: "y" } }),
      { code: "INTERNAL" },
    ],
  ])("rejects with %s of `push`", async (_, code, message, expected) => {
    server.onExec(
      receives((pod) =>
        pod.running("build").terminated("build", 0).terminated("push", code, { message }).phase("Failed"),
      ),
    );
    await expect(run()).rejects.toMatchObject(expected);
  });

  const evicted = (pod: ScriptedPod) =>
    void pod.phase("Failed", "Evicted", "The node was low on resource: memory.");
  const starts = (pod: ScriptedPod) => void pod.running("receive");
  it("replaces a pod that the cluster lost", async () => {
    scripts = [evicted, evicted, starts];
    expect(await run()).toEqual({ digest: DIGEST });
    expect(created()).toBe(3);
  });

  it("gives up with the third pod that the cluster lost", async () => {
    scripts = [evicted];
    await expect(run()).rejects.toMatchObject({ code: "POD_LOST" });
    expect(created()).toBe(3);
  });

  it("ends with a node that takes the log with it", async () => {
    server.onExec(
      receives((pod) =>
        pod
          .running("build")
          .log("build", "half\n")
          .condition({ type: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager" }),
      ),
    );
    await expect(run()).rejects.toMatchObject({ code: "POD_LOST" });
    expect(events).toContainEqual({ type: "log", line: "half" });
  });

  it("repeats what `receive` says of itself", async () => {
    const message = JSON.stringify({
      error: { code: "INVALID_CONFIG", message: "The volume /kaniko/input is not mounted" },
    });
    scripts = [(pod) => void pod.terminated("receive", 1, { message }).phase("Failed")];
    await expect(run()).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: "The volume /kaniko/input is not mounted",
    });
  });

  it.each([
    ["while it waits for a node", "scheduling"],
    ["while files are sent", "sending"],
    ["while it builds", "building"],
  ])("deletes the pod when it is cancelled %s", async (_, stage) => {
    if (stage === "scheduling") scripts = [() => abort.abort()];
    if (stage === "sending") server.onExec(() => new Promise(() => abort.abort()));
    if (stage === "building")
      server.onExec(receives((pod) => void pod.running("build").log("build", "step\n")));
    cancelAt = stage === "building" ? "step" : undefined;
    await expect(run()).rejects.toMatchObject({ code: "CANCELLED" });
    expect(created()).toBe(1);
  });

  it("has nothing to delete, and says nothing of it, when the pod is refused", async () => {
    const message = 'User "u" cannot create resource "pods" in API group "" in the namespace "jobs"';
    server.fault({ verb: "create" }, { kind: "status", status: 403, message });
    await expect(run()).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    expect(server.requests).toHaveLength(1);
  });

  it("tells of a pod that will not go, without failing the build", async () => {
    const stays = { kind: "status", status: 403, message: 'User "u" cannot delete resource "pods"' } as const;
    server.fault({ verb: "delete" }, stays);
    expect(await run()).toEqual({ digest: DIGEST });
    const notices = events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
    expect(notices.at(-1)).toMatch(
      /^pod runner-build-\w+ could not be deleted and ends with its deadline: u may not delete pods/,
    );
    server.remove("pods", server.objects("pods")[0]?.metadata?.name ?? "");
  });

  it("deletes a pod whose creation was never confirmed", async () => {
    server.fault({ verb: "create", resource: "pods" }, { kind: "stall", when: "after" });
    server.onCreate(() => abort.abort());
    await expect(run()).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("starts nothing when it is cancelled before", async () => {
    abort.abort();
    await expect(run()).rejects.toMatchObject({ code: "CANCELLED" });
    expect(server.requests).toEqual([]);
  });
});

describe("BuildPods.probe", () => {
  const container = { image: "builder:1", args: ["version"], capabilities: [] };

  it("returns what the container printed", async () => {
    scripts = [
      (pod) => void pod.running("build").log("build", "v1.24.0\n").terminated("build", 0).phase("Succeeded"),
    ];
    expect(await pods().probe("test", container, session())).toBe("v1.24.0");
    expect(server.objects("pods")).toEqual([]);
  });

  it("rejects when the container fails", async () => {
    scripts = [
      (pod) =>
        void pod.running("build").log("build", "no such command\n").terminated("build", 1).phase("Failed"),
    ];
    await expect(pods().probe("test", container, session())).rejects.toMatchObject({
      code: "INVALID_CONFIG",
    });
  });
});
