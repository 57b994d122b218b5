import { PassThrough } from "node:stream";
import { BuildError, type ImageBuilder } from "@slipway/core";
import { ApiServer, apiFor, silentLogger } from "@slipway/kube/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cleanupJob } from "./cleanup-job.ts";
import { StepOutput } from "./output/step-output.ts";

let server: ApiServer;
let stdout: PassThrough;
const noBuilder: ImageBuilder = {
  build: () => Promise.reject(new BuildError("INTERNAL", "not asked to build")),
};

beforeEach(async () => {
  server = await ApiServer.start();
  stdout = new PassThrough();
});
afterEach(() => server.stop());

async function make(resource: "pods" | "secrets" | "jobs", name: string, owner: string): Promise<void> {
  await apiFor(server).create(resource, { metadata: { name, labels: { "runner-pod": owner } } });
}

function cleanUp(builder: () => ImageBuilder = () => noBuilder): Promise<void> {
  const { signal } = new AbortController();
  const output = new StepOutput(stdout);
  return cleanupJob("arc-1", { api: apiFor(server), logger: silentLogger, output, signal, builder });
}

function left(): string[] {
  return ["jobs", "pods", "secrets"].flatMap((resource) =>
    server.objects(resource).map(({ metadata }) => metadata.name),
  );
}

it("deletes what carries the runner's label, and nothing else; twice is as good as once", async () => {
  await make("pods", "arc-1", "arc-1");
  await make("pods", "arc-1-step-1", "arc-1");
  await make("pods", "arc-2-step-1", "arc-2");
  await make("secrets", "arc-1-secret-1", "arc-1");
  await make("secrets", "arc-2-secret-1", "arc-2");
  await make("jobs", "arc-1-step-2", "arc-1");
  await cleanUp();
  await cleanUp();
  expect(left()).toEqual(["arc-1", "arc-2-step-1", "arc-2-secret-1"]);
});

it("deletes a job's pod and its Secrets, after the last lines of its services", async () => {
  const annotations = { "slipway.dev/services": "redis,quiet" };
  const labels = { "runner-pod": "arc-1" };
  const pod = server.addPod({ metadata: { name: "arc-1-workflow", labels, annotations } });
  await make("secrets", "arc-1-secret-1", "arc-1");
  for (const container of ["sync", "job", "redis", "quiet"]) pod.running(container);
  for (let line = 1; line <= 201; line += 1) pod.log("redis", `::error::line ${line}\n`);
  pod.log("job", "not a service\n");
  await cleanUp();
  const printed = String(stdout.read()).split("\n");
  expect([printed.length, ...printed.slice(0, 2), ...printed.slice(-3)]).toEqual([
    203,
    "::group::Last lines of service redis",
    "\u2060::error::line 2",
    "\u2060::error::line 201",
    "::endgroup::",
    "",
  ]);
  expect(left()).toEqual([]);
});

it("deletes a job's pod whose logs cannot be read", async () => {
  const metadata = {
    name: "p",
    labels: { "runner-pod": "arc-1" },
    annotations: { "slipway.dev/services": "redis" },
  };
  server.addPod({ metadata });
  await cleanUp();
  expect(left()).toEqual([]);
});

it("does without Jobs where the Role does", async () => {
  await make("pods", "arc-1-step-1", "arc-1");
  const message = 'User "u" cannot list resource "jobs" in API group "batch" in the namespace "jobs"';
  server.fault(
    { verb: "list", resource: "jobs" },
    { kind: "status", status: 403, reason: "Forbidden", message },
  );
  await cleanUp();
  expect(left()).toEqual([]);
});

it("says what it may not do, after it has done the rest", async () => {
  await make("pods", "arc-1-step-1", "arc-1");
  await make("secrets", "arc-1-secret-1", "arc-1");
  const message = 'User "u" cannot list resource "secrets" in API group "" in the namespace "jobs"';
  server.fault(
    { verb: "list", resource: "secrets" },
    { kind: "status", status: 403, reason: "Forbidden", message },
  );
  await expect(cleanUp()).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  expect(left()).toEqual(["arc-1-secret-1"]);
});

it("has the builder clean up after itself, and goes on without one that cannot be made", async () => {
  const pruned: string[] = [];
  await cleanUp(() => ({ ...noBuilder, prune: async (owner) => void pruned.push(owner) }));
  expect(pruned).toEqual(["arc-1"]);
  await make("pods", "arc-1-step-1", "arc-1");
  await cleanUp(() => {
    throw new BuildError("INVALID_CONFIG", "no such builder");
  });
  expect(left()).toEqual([]);
});
