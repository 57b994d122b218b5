import { setTimeout as delay } from "node:timers/promises";
import type { PodRunner, StepResult } from "@slipway/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actionName, dockerAction, errorCode, lastLine } from "./cluster-runner.ts";
import { ARC_RIGHTS, PolicyNamespace, type Rights } from "./policy-namespace.ts";

const BUILT = { Dockerfile: 'FROM busybox:1.37\nENTRYPOINT ["/bin/echo","it ran"]\n' };
const READY = { "action.yml": dockerAction({ image: "docker://busybox:1.37", args: ["echo", "it ran"] }) };

let policies: PolicyNamespace;

beforeAll(async () => {
  policies = await PolicyNamespace.make();
});

afterAll(async () => {
  await policies.remove();
});

async function attempt(runner: PodRunner, files: Readonly<Record<string, string>>): Promise<StepResult> {
  const uses = actionName();
  await runner.placeAction(uses, { "action.yml": dockerAction(), ...files });
  return runner.run({ kind: "action", uses });
}

function without(resource: string, ...verbs: string[]): Rights {
  const left = (ARC_RIGHTS[resource] ?? []).filter((verb) => !verbs.includes(verb));
  return { ...ARC_RIGHTS, [resource]: left };
}

describe("a service account that lacks", () => {
  it.each([
    ["pods create", "no-pods", without("pods", "create"), BUILT, "pods", "create"],
    ["pods get", "no-pods-get", without("pods", "get"), BUILT, "pods", "get"],
    ["pods/exec", "no-exec", without("pods/exec", "get", "create"), BUILT, "pods/exec", "get"],
    ["pods/log", "no-log", without("pods/log", "get"), BUILT, "pods/log", "get"],
    ["secrets create", "no-secrets", without("secrets", "create"), READY, "secrets", "create"],
  ])("%s is told the rule to add", async (_name, pod, rights, files, resource, verb) => {
    const runner = await policies.runner(pod, rights);
    const result = await attempt(runner, files);
    expect(errorCode(result), result.output).toBe("PERMISSION_DENIED");
    expect(lastLine(result)).toContain(`may not ${verb} ${resource} in namespace ${policies.name}`);
    // As the runner shows it: line by line, ready to be copied.
    const rule = lastLine(result).replaceAll("%0A", "\n");
    expect(rule).toMatch(new RegExp(`^ {2}resources: \\["${resource}"\\]\\n {2}verbs: \\[.*"${verb}"`, "m"));
    expect(result.exitCode).toBeGreaterThan(0);
    expect(await runner.leftovers()).toEqual([]);
  });

  it("secrets get builds and runs all the same: the pod that pushes has the Secret", async () => {
    const runner = await policies.runner("no-secrets-get", without("secrets", "get", "list"));
    const result = await attempt(runner, BUILT);
    expect(result.output).toContain("it ran");
    expect(result.exitCode).toBe(0);
    expect(await runner.leftovers()).toEqual([]);
  });

  it("jobs, as in ARC's kubernetes-novolume mode, runs the step as a bare pod and cleans up", async () => {
    const { jobs: _, ...rights } = ARC_RIGHTS;
    const runner = await policies.runner("no-jobs", rights);
    const result = await attempt(runner, READY);
    expect(result.output).toContain("it ran");
    expect(result.exitCode).toBe(0);
    expect(JSON.stringify(result.state)).toContain('"barePods":true');
    expect((await runner.run({ kind: "cleanup" })).exitCode).toBe(0);
    expect(await runner.leftovers()).toEqual([]);
  });
});

describe("limits", () => {
  it("a context that is too large is not sent", async () => {
    const runner = await policies.runner("small-context", ARC_RIGHTS, { SLIPWAY_MAX_CONTEXT_BYTES: "10000" });
    const result = await attempt(runner, { ...BUILT, big: "x".repeat(20_000) });
    expect(errorCode(result), result.output).toBe("CONTEXT_UNAVAILABLE");
    expect(lastLine(result)).toContain("SLIPWAY_MAX_CONTEXT_BYTES");
    expect(await runner.leftovers()).toEqual([]);
  });

  it("a build that fills the disk beyond its limit is evicted and told so", async () => {
    const limits = { "ephemeral-storage": "20Mi" };
    const settings = policies.builderConfig({ resources: { limits } });
    const runner = await policies.runner("small-disk", ARC_RIGHTS, settings);
    const result = await attempt(runner, {
      Dockerfile: "FROM busybox:1.37\nRUN head -c 60000000 /dev/urandom > /big && sleep 120\n",
    });
    expect(errorCode(result), result.output).toBe("RESOURCE_EXHAUSTED");
    expect(lastLine(result)).toMatch(/20Mi/);
    expect(await runner.leftovers()).toEqual([]);
  });
});

describe("the end of the runner's pod", () => {
  it("takes along what it built with", async () => {
    const runner = await policies.runner("short-lived", ARC_RIGHTS);
    let deleted: Promise<string> | undefined;
    const uses = actionName();
    const Dockerfile = "FROM busybox:1.37\nRUN echo building-now && sleep 120\n";
    await runner.placeAction(uses, { "action.yml": dockerAction(), Dockerfile });
    const call = runner.run({ kind: "action", uses }, (chunk) => {
      if (!chunk.includes("building-now")) return;
      deleted ??= runner.kubectl("delete", "pod", "short-lived", "--grace-period=0", "--force");
    });
    await expect(call).rejects.toThrow();
    await deleted;
    await gone(runner);
  });
});

describe("a namespace with Pod Security `restricted`", () => {
  let runner: PodRunner;

  beforeAll(async () => {
    runner = await policies.runner("restricted", ARC_RIGHTS);
    // Now that the runner is there: it would be refused too.
    const label = "pod-security.kubernetes.io/enforce=restricted";
    await policies.testbed.runKubectl(["label", "--overwrite", "namespace", policies.name, label]);
  });

  it.each([
    ["builds", BUILT],
    // Of a Job only its controller hears it.
    ["steps", READY],
  ])("refuses %s, and the level that is needed is told", async (_name, files) => {
    const result = await attempt(runner, files);
    expect(errorCode(result), result.output).toBe("POLICY_DENIED");
    expect(lastLine(result)).toContain("pod-security.kubernetes.io/enforce=baseline");
    expect(result.exitCode).toBeGreaterThan(0);
    expect(await runner.leftovers()).toEqual([]);
  });
});

/** Kubernetes deletes what has lost its owner in its own time. */
async function gone(runner: PodRunner): Promise<void> {
  for (let left = await runner.leftovers(); left.length > 0; left = await runner.leftovers())
    await delay(500);
}
