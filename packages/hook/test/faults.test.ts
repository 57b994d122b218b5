import { appendFile, writeFile } from "node:fs/promises";
import type { Fault, FaultMatch } from "@slipway/kube/testing";
import { describe, expect, it } from "vitest";
import { type EndedHook, HookProcess } from "./hook-process.ts";
import { scriptedCluster } from "./scripted-cluster.ts";

const cluster = scriptedCluster();

const LINES = ["one\n", "two\n", "\n", "two\n", "last, without newline"];

/** A step that prints, changes a file, sets an output, and ends with 4. */
async function runStep(): Promise<EndedHook> {
  cluster.kubelet.runs(async ({ path, script }) => {
    for (const line of LINES) script.log("job", line);
    await writeFile(path("/github/workspace/made"), "x".repeat(300_000));
    await appendFile(path("/github/file_commands/set_output_1"), "answer=42\n");
    return 4;
  });
  return new HookProcess(
    cluster.bundle,
    await cluster.folders.env(cluster.server.url),
    cluster.folders.containerStep({ image: "busybox:1" }),
  ).ended;
}

async function expectWholeStep({ exitCode, output }: EndedHook): Promise<void> {
  expect(output).toBe(LINES.join(""));
  expect(exitCode).toBe(4);
  expect(cluster.kubelet.started).toHaveLength(1);
  expect((await cluster.folders.read("repo/repo/made")).length).toBe(300_000);
  expect(await cluster.folders.read("_temp/_runner_file_commands/set_output_1")).toBe("answer=42\n");
  expect(left()).toEqual([]);
}

function left(): string[] {
  return ["jobs", "pods", "secrets"].flatMap((resource) =>
    cluster.server.objects(resource).map(({ metadata }) => metadata.name),
  );
}

const exec = { resource: "pods/exec" };
const log = { resource: "pods/log" };
const busy: Fault = { kind: "status", status: 429, headers: { "retry-after": "0" } };
const down: Fault = { kind: "status", status: 503 };
const drop = (direction: "in" | "out", afterFrames: number, how: "reset" | "close"): Fault => ({
  kind: "exec-drop",
  direction,
  afterFrames,
  how,
});

const FAULTS: readonly (readonly [string, FaultMatch, Fault])[] = [
  ["429 on every creation", { verb: "create", times: 2 }, busy],
  ["503 on every reading", { verb: "get", times: 2 }, down],
  ["503 on every list", { verb: "list", times: 2 }, down],
  ["503 on every deletion", { verb: "delete", times: 2 }, down],
  [
    "a lost answer to the creation of the Secret",
    { verb: "create", resource: "secrets" },
    { kind: "reset", when: "after" },
  ],
  [
    "a lost answer to the creation of the Job",
    { verb: "create", resource: "jobs" },
    { kind: "reset", when: "after" },
  ],
  [
    "a reset before the creation of the Job",
    { verb: "create", resource: "jobs" },
    { kind: "reset", when: "before" },
  ],
  ["a lost answer to a deletion", { verb: "delete" }, { kind: "reset", when: "after" }],
  ["a refused upload", exec, down],
  ["an upload cut at its start", exec, drop("in", 0, "reset")],
  ["an upload cut in its middle", exec, drop("in", 1, "reset")],
  ["an upload whose answer is lost", exec, drop("out", 1, "close")],
  ["files cut on their way back", { ...exec, after: 1 }, drop("out", 1, "reset")],
  ["files closed on their way back", { ...exec, after: 1 }, drop("out", 1, "close")],
  ["a log cut in its first line", log, { kind: "cut", afterBytes: 10 }],
  ["a log cut in its second line", log, { kind: "cut", afterBytes: 40 }],
  ["a log that ends early without a word", log, { kind: "cut", afterBytes: 70, clean: true }],
];

describe("a step survives", () => {
  it.each(FAULTS)("%s", async (_, match, fault) => {
    cluster.server.fault(match, fault);
    await expectWholeStep(await runStep());
    expect(cluster.server.pendingFaults).toBe(0);
  });
});

describe("a step that cannot be is refused with cause and remedy:", () => {
  const forbidden = (message: string): Fault => ({
    kind: "status",
    status: 403,
    reason: "Forbidden",
    message,
  });

  it.each([
    [
      "no right to make Secrets",
      { verb: "create", resource: "secrets" },
      forbidden(
        'secrets is forbidden: User "u" cannot create resource "secrets" in API group "" in the namespace "jobs"',
      ),
      /\[PERMISSION_DENIED\].*secrets/s,
    ],
    [
      "no right to exec",
      { resource: "pods/exec", times: 9 },
      forbidden(
        'pods "p" is forbidden: User "u" cannot create resource "pods/exec" in API group "" in the namespace "jobs"',
      ),
      /\[PERMISSION_DENIED\].*exec/s,
    ],
    [
      "a specification that the cluster finds invalid",
      { verb: "create", resource: "jobs", times: 99 },
      {
        kind: "status",
        status: 422,
        reason: "Invalid",
        message: "spec.template.spec.containers[0].image: Required value",
      } as Fault,
      /\[INVALID_CONFIG\].*containers/,
    ],
  ] as const)("%s", async (_, match, fault, line) => {
    cluster.server.fault(match, fault);
    const { exitCode, output } = await runStep();
    expect(exitCode).toBe(1);
    expect(output.trimEnd().split("\n").at(-1)).toMatch(line);
    expect(cluster.kubelet.started).toEqual([]);
    expect(left()).toEqual([]);
  });
});
