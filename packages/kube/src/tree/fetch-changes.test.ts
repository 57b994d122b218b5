import { createHash } from "node:crypto";
import { BuildError } from "@slipway/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiServer, apiFor, ManualClock } from "../testing/index.ts";
import { fetchChanges } from "./fetch-changes.ts";

const DATA = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 251));

let server: ApiServer;
let sinks: number;

beforeEach(async () => {
  sinks = 0;
  server = await ApiServer.start();
  server.addPod({ metadata: { name: "p" }, spec: { containers: [{ name: "c" }] } }).running("c");
  server.onExec(async (call) => {
    for (let offset = 0; offset < DATA.length; offset += 100_000)
      await call.stdout(DATA.subarray(offset, offset + 100_000));
    return 0;
  });
});
afterEach(async () => {
  expect(server.pendingFaults).toBe(0);
  await server.stop();
});

async function hash(stream: AsyncIterable<Buffer>): Promise<string> {
  sinks += 1;
  const sha256 = createHash("sha256");
  for await (const chunk of stream) {
    await new Promise(setImmediate);
    sha256.update(chunk);
  }
  return sha256.digest("hex");
}

function fetch<T>(sink: (stream: AsyncIterable<Buffer>) => Promise<T>): Promise<T> {
  const clock = new ManualClock({ running: true });
  const options = { root: "/work", snapshot: "/slipway/snapshot", only: ["_temp"], clock };
  return fetchChanges(apiFor(server, { clock }), "p", "c", options, sink);
}

const EXPECTED = createHash("sha256").update(DATA).digest("hex");

describe("fetchChanges", () => {
  it("hands the whole stream to the sink", async () => {
    expect(await fetch(hash)).toBe(EXPECTED);
    const options: unknown = JSON.parse(server.requests[0]?.query.getAll("command")[3] ?? "");
    expect(options).toEqual({ root: "/work", snapshot: "/slipway/snapshot", only: ["_temp"] });
  });

  const drops = (["reset", "close", "freeze"] as const).flatMap((how) =>
    Array.from({ length: 11 }, (_, afterFrames) => ({ how, afterFrames })),
  );
  it.each(drops)("survives $how after frame $afterFrames", async ({ how, afterFrames }) => {
    server.fault({ resource: "pods/exec" }, { kind: "exec-drop", direction: "out", how, afterFrames });
    expect(await fetch(hash)).toBe(EXPECTED);
    expect(sinks).toBe(2);
  });

  it("rejects with what the sink throws, without trying again", async () => {
    const failure = new BuildError("INVALID_CONFIG", "cannot be written");
    await expect(
      fetch(async (stream) => {
        sinks += 1;
        for await (const _ of stream) throw failure;
      }),
    ).rejects.toBe(failure);
    expect(sinks).toBe(1);
  });

  it("rejects with what the agent says", async () => {
    server.onExec(async (call) => {
      await call.stderr(Buffer.from('{"error":{"code":"CONTEXT_UNAVAILABLE","message":"no snapshot"}}\n'));
      return 1;
    });
    await expect(fetch(hash)).rejects.toMatchObject({ code: "CONTEXT_UNAVAILABLE", message: "no snapshot" });
  });

  it("lets a sink stop early", async () => {
    const first = await fetch(async (stream) => {
      for await (const chunk of stream) return chunk.length;
      return 0;
    });
    expect(first).toBe(100_000);
  });
});
