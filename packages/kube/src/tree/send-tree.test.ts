import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuildError } from "@slipway/core";
import { unpackTree } from "@slipway/filetree";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiServer, apiFor, type ExecHandler, ManualClock } from "../testing/index.ts";
import { sendTree } from "./send-tree.ts";

let server: ApiServer;
let folder: string;
let received: string;
let runs: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "send-tree-"));
  received = join(folder, "received");
  runs = 0;
  server = await ApiServer.start();
  server.addPod({ metadata: { name: "p" }, spec: { containers: [{ name: "c" }] } }).running("c");
  server.onExec(receiver());
  mkdirSync(join(folder, "source"));
  writeFileSync(join(folder, "source", "large"), Buffer.alloc(1_200_000, "x"));
  writeFileSync(join(folder, "source", "small"), "hello");
});
afterEach(async () => {
  expect(server.pendingFaults).toBe(0);
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** What the agent does in `receive`; `ends`: the container ends with it, as it does in a pod. */
function receiver({ ends = false, print = (text: string) => text } = {}): ExecHandler {
  return async (call) => {
    runs += 1;
    rmSync(received, { recursive: true, force: true });
    mkdirSync(received);
    try {
      const summary = await unpackTree(call.stdin as AsyncIterable<Buffer>, received);
      await call.stdout(Buffer.from(print(`${JSON.stringify(summary)}\n`)));
    } catch (error) {
      await call.stderr(Buffer.from(`{"error":${JSON.stringify(error)}}\n`));
      return 1;
    }
    if (!ends) return 0;
    server.pod("p").terminated("c", 0);
    return undefined;
  };
}

function send(): ReturnType<typeof sendTree> {
  const clock = new ManualClock({ running: true });
  const sources = [{ from: join(folder, "source"), to: "context" }];
  return sendTree(apiFor(server, { clock }), "p", "c", sources, { into: "/kaniko/input", clock });
}

function expectReceived(): void {
  expect(readFileSync(join(received, "context", "large"))).toHaveLength(1_200_000);
  expect(readFileSync(join(received, "context", "small"), "utf8")).toBe("hello");
}

describe("sendTree", () => {
  it("sends files and gets them confirmed", async () => {
    const summary = await send();
    expect(summary).toMatchObject({ bytes: 1_200_005 });
    expectReceived();
    const words = server.requests[0]?.query.getAll("command");
    expect(words?.slice(0, 3)).toEqual(["node", "/slipway/agent.cjs", "unpack"]);
    expect(JSON.parse(words?.[3] ?? "")).toEqual({ attempt: 1, into: "/kaniko/input" });
  });

  // 1,200,005 bytes and headers are five frames and the half-close; then one frame with the summary and one with the status.
  const drops = (["reset", "close", "freeze"] as const).flatMap((how) => [
    ...[0, 1, 2, 3, 4, 5, 6].map((afterFrames) => ({ how, direction: "in" as const, afterFrames })),
    { how, direction: "out" as const, afterFrames: 1 },
  ]);
  it.each(drops)("survives $how after frame $afterFrames $direction", async (drop) => {
    server.fault({ resource: "pods/exec" }, { kind: "exec-drop", ...drop });
    await send();
    expectReceived();
  });

  it("sends again when a receiver that has everything says nothing, though its connection lives", async () => {
    const hanging: ExecHandler = (call) => {
      runs += 1;
      call.stdin.resume();
      return new Promise(() => undefined);
    };
    const receive = receiver();
    server.onExec((call) => (runs === 0 ? hanging(call) : receive(call)));
    await send();
    expect(runs).toBe(2);
    expectReceived();
  });

  it("gives up after the third lost connection", async () => {
    server.fault(
      { resource: "pods/exec", times: 9 },
      { kind: "exec-drop", how: "reset", direction: "in", afterFrames: 2 },
    );
    await expect(send()).rejects.toMatchObject({ code: "CLUSTER_UNAVAILABLE" });
    // A slow machine may take more than one for a try: the clock here is faster than its connections.
    while (server.pendingFaults > 0) await send().catch(() => undefined);
  });

  it("takes the end of the container for success when the answer was lost with it", async () => {
    server.onExec(receiver({ ends: true }));
    await send();
    expect(runs).toBe(1);
    expectReceived();
  });

  it("does not take the container's end for success when nothing was sent", async () => {
    server.pod("p").terminated("c", 0);
    await expect(send()).rejects.toMatchObject({ code: "POD_LOST" });
  });

  it("does not believe exit code 0 without the same summary", async () => {
    server.onExec(receiver({ print: (text) => text.replace('"bytes":1', '"bytes":2') }));
    await expect(send()).rejects.toMatchObject({ code: "CLUSTER_UNAVAILABLE" });
    expect(runs).toBe(3);
  });

  it("passes on what the agent says, at once", async () => {
    const error = new BuildError("RESOURCE_EXHAUSTED", "There is no room left", {
      remedy: "Give the volume more room",
    });
    server.onExec(async (call) => {
      runs += 1;
      await call.stderr(Buffer.from(`{"error":${JSON.stringify(error)}}\n`));
      return 1;
    });
    await expect(send()).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      message: error.message,
      remedy: error.remedy,
    });
    expect(runs).toBe(1);
  });

  it("rejects when a file to send is not there", async () => {
    rmSync(join(folder, "source"), { recursive: true });
    await expect(send()).rejects.toMatchObject({ code: "CONTEXT_UNAVAILABLE" });
  });
});
