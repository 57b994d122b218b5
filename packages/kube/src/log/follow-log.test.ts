import type { BuildError } from "@slipway/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiServer, apiFor, type Fault, ManualClock, type ScriptedPod } from "../testing/index.ts";
import { followLog } from "./follow-log.ts";

let server: ApiServer;
let pod: ScriptedPod;

beforeEach(async () => {
  server = await ApiServer.start();
  pod = server.addPod({ metadata: { name: "p" }, spec: { containers: [{ name: "c" }] } }).phase("Running");
});
afterEach(async () => {
  expect(server.pendingFaults).toBe(0);
  await server.stop();
});

/** Everything that was passed on, newlines put back. */
function follow(signal?: AbortSignal): { readonly done: Promise<string>; readonly notices: string[] } {
  const chunks: Buffer[] = [];
  const notices: string[] = [];
  const clock = new ManualClock({ running: true });
  const done = followLog(apiFor(server, { clock }), "p", "c", {
    clock,
    ...(signal === undefined ? {} : { signal }),
    onLine: (line, terminated) => void chunks.push(line, Buffer.from(terminated ? "\n" : "")),
    onNotice: (text) => void notices.push(text),
  }).then(() => Buffer.concat(chunks).toString("latin1"));
  return { done, notices };
}

/** Lines of one second with equal and disordered time stamps, one empty, one not UTF-8, one without newline. */
const LINES: readonly [string, string][] = [
  ["2026-01-01T00:00:00.1Z", "one\n"],
  ["2026-01-01T00:00:00.100000002Z", "two\n"],
  ["2026-01-01T00:00:00.100000002Z", "two\n"],
  ["2026-01-01T00:00:00.100000001Z", "out of order\n"],
  ["2026-01-01T00:00:00.999999999Z", "\n"],
  ["2026-01-01T00:00:01Z", "  2026-01-01T00:00:00Z not a stamp \u001b[31m\r\u0000\n"],
  ["2026-01-01T00:00:00.999999998Z", "late\n"],
  ["2026-01-01T00:00:07.5Z", "\u00ff\u00fe\n"],
  ["2026-01-01T00:00:09Z", "no newline"],
];
const WHOLE = LINES.map(([, text]) => text).join("");

function writeAll(): void {
  for (const [at, text] of LINES) pod.log("c", Buffer.from(text, "latin1"), at);
}

describe("a whole log", () => {
  it("of a container that has ended is read byte for byte", async () => {
    pod.running("c");
    writeAll();
    pod.terminated("c", 0);
    expect(await follow().done).toBe(WHOLE);
  });

  it("is followed from before the start to after the end", async () => {
    pod.waiting("c", "PodInitializing");
    const { done } = follow();
    while (!server.requests.some(({ resource }) => resource === "pods/log")) await new Promise(setImmediate);
    pod.running("c");
    for (const [at, text] of LINES) {
      pod.log("c", Buffer.from(text, "latin1"), at);
      await new Promise(setImmediate);
    }
    pod.terminated("c", 3);
    expect(await done).toBe(WHOLE);
  });

  it("may have long lines, which come in pieces", async () => {
    const long = "x".repeat(3_000_000);
    pod.running("c").log("c", `${long}\n`).log("c", "short\n").terminated("c", 0);
    expect((await follow().done) === `${long}\nshort\n`).toBe(true);
  });

  it("joins parts of a line that the node wrote one after the other", async () => {
    pod
      .running("c")
      .log("c", "a".repeat(16_384))
      .log("c", "b".repeat(16_384))
      .log("c", "c\n")
      .terminated("c", 0);
    expect(await follow().done).toBe(`${"a".repeat(16_384)}${"b".repeat(16_384)}c\n`);
  });

  it("may be empty", async () => {
    pod.running("c").terminated("c", 0);
    expect(await follow().done).toBe("");
  });
});

describe("a stream that is cut", () => {
  const total = LINES.reduce((sum, [at, text]) => sum + text.length + at.length + 1, 0);

  it.each([false, true])("after any byte, once, gives the same log (clean: %s)", async (clean) => {
    pod.running("c");
    writeAll();
    pod.terminated("c", 0);
    for (let afterBytes = 1; afterBytes <= total; afterBytes += 1) {
      server.fault({ resource: "pods/log" }, { kind: "cut", afterBytes, clean });
      expect(await follow().done, `cut after ${afterBytes}`).toBe(WHOLE);
    }
  });

  it("at every line gives the same log", async () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${String(index).padStart(2, "0")}\n`);
    pod.running("c");
    for (const [index, line] of lines.entries()) {
      pod.log("c", line, new Date(Date.parse("2026-01-01T00:00:00Z") + index * 10_000).toISOString());
    }
    // Each read begins with the last line again: one new line, and the cut.
    const afterBytes = 2 * `2026-01-01T00:00:00Z ${lines[0]}`.length;
    server.fault({ resource: "pods/log", times: lines.length - 1 }, { kind: "cut", afterBytes });
    const { done } = follow();
    while (server.pendingFaults > 0) await new Promise(setImmediate);
    pod.terminated("c", 0);
    expect(await done).toBe(lines.join(""));
  });

  it("in the middle of a line longer than is kept goes on in its middle", async () => {
    const long = Array.from({ length: 300_000 }, (_, index) => String(index % 10))
      .join("")
      .repeat(10);
    pod.running("c").log("c", `${long}\n`).log("c", "next\n").terminated("c", 0);
    server.fault({ resource: "pods/log" }, { kind: "cut", afterBytes: 2_500_000 });
    expect((await follow().done) === `${long}\nnext\n`).toBe(true);
  });

  it("while the API server restarts is picked up again", async () => {
    pod.running("c").log("c", "before\n");
    const { done } = follow();
    while (server.requests.length < 1) await new Promise(setImmediate);
    server.fault({ verb: "get", times: 5 }, { kind: "status", status: 503 });
    server.dropConnections();
    pod.log("c", "after\n").terminated("c", 0);
    expect(await done).toBe("before\nafter\n");
  });
});

describe("an API server in trouble", () => {
  const troubles: readonly [string, Fault][] = [
    ["429", { kind: "status", status: 429, headers: { "retry-after": "2" } }],
    ["500", { kind: "status", status: 500 }],
    ["503", { kind: "status", status: 503 }],
    ["a reset", { kind: "reset", when: "before" }],
    ["a half-open connection", { kind: "stall", when: "before" }],
  ];
  it.each(troubles)("may answer with %s before it gives the log", async (_name, fault) => {
    pod.running("c").log("c", "one\n").terminated("c", 0);
    server.fault({ resource: "pods/log", times: 3 }, fault);
    server.fault({ resource: "pods", times: 3 }, fault);
    expect(await follow().done).toBe("one\n");
  });
});

describe("a silent stream", () => {
  it("that is half-open is given up when there is more to read", async () => {
    server.fault({ resource: "pods/log" }, { kind: "silence", afterBytes: 30 });
    pod.running("c").log("c", "one\n").log("c", "two\n");
    const { done } = follow();
    while (server.requests.filter(({ resource }) => resource === "pods/log").length < 2)
      await new Promise(setImmediate);
    pod.log("c", "three\n").terminated("c", 0);
    expect(await done).toBe("one\ntwo\nthree\n");
  });

  it("is given up in a read after the end, too", async () => {
    pod.running("c").log("c", "one\n").log("c", "two\n").terminated("c", 0);
    server.fault({ resource: "pods/log", times: 3 }, { kind: "silence", afterBytes: 30 });
    expect(await follow().done).toBe("one\ntwo\n");
  });

  it("is given up in a read that checks another, too", async () => {
    server.fault({ resource: "pods/log", times: 2 }, { kind: "silence", afterBytes: 30 });
    pod.running("c").log("c", "one\n").log("c", "two\n");
    const { done } = follow();
    while (server.pendingFaults > 0) await new Promise(setImmediate);
    pod.log("c", "three\n").terminated("c", 0);
    expect(await done).toBe("one\ntwo\nthree\n");
  });

  it("of a container that is only quiet goes on", async () => {
    pod.running("c").log("c", "one\n");
    const { done } = follow();
    const checks = () => server.requests.filter(({ query }) => query.get("follow") === "false").length;
    while (checks() < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    pod.log("c", "two\n").terminated("c", 0);
    expect(await done).toBe("one\ntwo\n");
    expect(server.requests.filter(({ query }) => query.get("follow") === "true")).toHaveLength(1);
  });
});

describe("a log that cannot be had", () => {
  it("ends with a notice when the pod is deleted", async () => {
    server.remove("pods", "p");
    const { done, notices } = follow();
    expect(await done).toBe("");
    expect(notices).toEqual([expect.stringContaining("the pod was deleted")]);
  });

  it("ends with a notice when the container is gone from its node", async () => {
    pod.running("c").log("c", "one\n").terminated("c", 0);
    server.fault(
      { resource: "pods/log", times: 2 },
      { kind: "status", status: 404, message: "no such container" },
    );
    const { done, notices } = follow();
    expect(await done).toBe("");
    expect(notices).toEqual([expect.stringContaining("no such container")]);
  });

  it("ends when the pod ends before the container starts", async () => {
    pod.waiting("c", "PodInitializing").phase("Failed", "Evicted");
    expect(await follow().done).toBe("");
  });

  it("rejects when reading is not allowed", async () => {
    const message = 'User "u" cannot get resource "pods/log" in API group "" in the namespace "jobs"';
    server.fault({ resource: "pods/log" }, { kind: "status", status: 403, message });
    await expect(follow().done).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });

  it("rejects when it is cancelled, and with what the consumer throws", async () => {
    const controller = new AbortController();
    pod.running("c").log("c", "one\n");
    const pending = follow(controller.signal).done.catch((error: BuildError) => error);
    while (server.requests.length === 0) await new Promise(setImmediate);
    controller.abort();
    expect(await pending).toMatchObject({ code: "CANCELLED" });
    const onLine = () => {
      throw new Error("pipe closed");
    };
    await expect(followLog(apiFor(server), "p", "c", { onLine })).rejects.toThrow("pipe closed");
  });
});
