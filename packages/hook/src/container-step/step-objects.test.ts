import type { V1Pod, V1Secret } from "@kubernetes/client-node";
import { ApiServer, apiFor, ManualClock, type StoredObject, silentLogger } from "@slipway/kube/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plan } from "../testing/step-plan.ts";
import { StepObjects } from "./step-objects.ts";

const secret: V1Secret = { metadata: { name: plan.secretName } };
const forbidden = {
  kind: "status",
  status: 403,
  reason: "Forbidden",
  message: 'User "u" cannot create resource "jobs" in API group "batch" in the namespace "jobs"',
} as const;

let server: ApiServer;
let objects: StepObjects;

beforeEach(async () => {
  server = await ApiServer.start();
  const clock = new ManualClock({ running: true });
  objects = new StepObjects(apiFor(server), plan, { barePod: false, logger: silentLogger, clock });
});
afterEach(() => server.stop());

/** What the cluster's Job controller does. */
function runJobController(): void {
  server.onCreate((resource, object) => {
    if (resource === "jobs") server.addPod(podOf(object));
  });
}

function podOf(job: StoredObject): V1Pod {
  const { spec } = job as unknown as { spec: { template: V1Pod } };
  return { ...spec.template, metadata: { ...spec.template.metadata, name: `${job.metadata.name}-x7k2p` } };
}

function left(): string[] {
  return ["jobs", "pods", "secrets"].flatMap((resource) =>
    server.objects(resource).map(({ metadata }) => metadata.name),
  );
}

const never = new AbortController().signal;

describe("the objects of a step", () => {
  it("are a Job with its pod, and are all deleted", async () => {
    runJobController();
    const pod = await objects.create(secret, never);
    expect(pod.metadata?.name).toBe("arc-step-1-x7k2p");
    expect(left()).toEqual(["arc-step-1", "arc-step-1-x7k2p", "arc-secret-1"]);
    server.requests.length = 0;
    await objects.delete();
    expect(left()).toEqual([]);
    expect(server.requests.map(({ verb, resource }) => `${verb} ${resource}`).sort()).toEqual([
      "delete jobs",
      "delete pods",
      "delete secrets",
    ]);
  });

  it("are a bare pod where the Role grants no Jobs", async () => {
    server.fault({ verb: "create", resource: "jobs" }, forbidden);
    const pod = await objects.create(secret, never);
    expect(pod.metadata?.name).toBe("arc-step-1");
    expect(objects.needsBarePod).toBe(true);
    await objects.delete();
    expect(left()).toEqual([]);
  });

  it("are a bare pod where the Job makes none, so that the reason is told", async () => {
    const message = 'pods "arc-step-1" is forbidden: violates PodSecurity "restricted:latest"';
    server.fault({ verb: "create", resource: "pods" }, { ...forbidden, message });
    await expect(objects.create(secret, never)).rejects.toMatchObject({
      code: "POLICY_DENIED",
      message: expect.stringContaining("restricted"),
    });
    await objects.delete();
    expect(left()).toEqual([]);
    expect(objects.needsBarePod).toBe(false);
  });

  it("are deleted when the answer to their creation is lost", async () => {
    runJobController();
    server.fault({ verb: "create", resource: "jobs" }, { kind: "reset", when: "after" });
    server.fault({ verb: "create", resource: "secrets" }, { kind: "reset", when: "after" });
    await objects.create(secret, never);
    expect(server.objects("jobs")).toHaveLength(1);
    await objects.delete();
    expect(left()).toEqual([]);
  });

  it.each(["secrets", "jobs"])("are deleted when a signal comes while %s are made", async (at) => {
    runJobController();
    const controller = new AbortController();
    const reason = new Error("SIGINT");
    server.onCreate((resource) => resource === at && controller.abort(reason));
    await expect(objects.create(secret, controller.signal)).rejects.toBe(reason);
    await objects.delete();
    expect(left()).toEqual([]);
  });
});
