import { BuildError, type ImageBuilder } from "@slipway/core";
import { ApiServer, apiFor, silentLogger } from "@slipway/kube/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cleanupJob } from "./cleanup-job.ts";

let server: ApiServer;
const noBuilder: ImageBuilder = {
  build: () => Promise.reject(new BuildError("INTERNAL", "not asked to build")),
};

beforeEach(async () => {
  server = await ApiServer.start();
});
afterEach(() => server.stop());

async function make(resource: "pods" | "secrets" | "jobs", name: string, owner: string): Promise<void> {
  await apiFor(server).create(resource, { metadata: { name, labels: { "runner-pod": owner } } });
}

function cleanUp(builder: () => ImageBuilder = () => noBuilder): Promise<void> {
  const { signal } = new AbortController();
  return cleanupJob("arc-1", { api: apiFor(server), logger: silentLogger, signal, builder });
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
