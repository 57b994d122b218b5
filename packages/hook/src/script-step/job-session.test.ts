import { setImmediate as turn } from "node:timers/promises";
import { BuildError } from "@slipway/core";
import { ApiServer, apiFor, type Fault, ManualClock } from "@slipway/kube/testing";
import { encodeFrame, encodeMessage, FRAME, type SessionRequest } from "@slipway/step-protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptedAgent } from "../testing/scripted-agent.ts";
import { runSession } from "./job-session.ts";
import type { SessionResult, SessionTask } from "./session-task.ts";

const LINES = ["first\n", "second\r\n", "::error::third\n", "no end"];
const target = { pod: "arc-workflow", uid: undefined, agentNode: "/node" };
const step: SessionRequest = {
  kind: "step",
  id: "step-1",
  offset: 0,
  files: false,
  command: { entryPoint: "sh", args: [], environment: {}, prependPath: [] },
  back: ["__w/repo"],
};

let server: ApiServer;
let agent: ScriptedAgent;
let printed: string;
let taken: string[];
let confirmed: number;
let notices: string[];
let clock: ManualClock;

beforeEach(async () => {
  server = await ApiServer.start();
  const pod = server.addPod({ metadata: { name: "arc-workflow" }, spec: { containers: [] } });
  pod.phase("Running").running("job").running("sync");
  agent = new ScriptedAgent();
  agent.output = LINES;
  agent.back = ["tree ", "of changes"];
  server.onExec((call) => agent.serve(call));
  [printed, taken, confirmed, notices] = ["", [], 0, []];
});
afterEach(() => server.stop());

async function* files(): AsyncGenerator<Buffer> {
  yield Buffer.from("some ");
  yield Buffer.from("files");
}

const full: SessionTask = {
  request: step,
  files,
  onReceived: () => {
    confirmed += 1;
  },
  onOutput: async (chunk) => {
    printed += chunk.toString("latin1");
  },
  sink: async (stream) => {
    let text = "";
    for await (const chunk of stream) text += chunk.toString("utf8");
    if (text !== "tree of changes") throw new BuildError("CLUSTER_UNAVAILABLE", "the stream is cut");
    taken.push(text);
  },
};

function run(task: SessionTask = full, signal = new AbortController().signal): Promise<SessionResult> {
  clock = new ManualClock({ running: true });
  const onNotice = (text: string) => void notices.push(text);
  return runSession(target, task, { api: apiFor(server, { clock }), signal, clock, onNotice });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

describe("a session of a step", () => {
  it("sends files, prints, brings back, and ends with the program's code, over one connection", async () => {
    agent.exit = { exitCode: 3 };
    expect(await run()).toEqual({ exit: { exitCode: 3 } });
    expect(printed).toBe(LINES.join(""));
    expect({ taken, confirmed, received: agent.received }).toEqual({
      taken: ["tree of changes"],
      confirmed: 1,
      received: ["some files"],
    });
    expect(server.requests.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([
      expect.stringMatching(/pods\/exec$/),
    ]);
    expect(server.requests[0]?.query.getAll("command").slice(0, 3)).toEqual([
      "/node",
      "/slipway/agent.cjs",
      "session",
    ]);
  });

  it("says what was printed, so that the agent need not keep it", async () => {
    agent.output = ["x".repeat(600_000)];
    await run();
    expect(printed).toHaveLength(600_000);
    const offsets = agent.heard.flatMap((message) => (message.kind === "printed" ? [message.offset] : []));
    expect(offsets).toEqual([266_000, 532_000]);
  });

  // In: request with files, then `applied`. Out: received, 5 pieces of output, exit, two pieces of a tree, its end, done, status.
  const cuts = (["reset", "close", "freeze"] as const).flatMap((how) => [
    ...[0, 1, 2].map((afterFrames) => ({ how, direction: "in" as const, afterFrames })),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((afterFrames) => ({
      how,
      direction: "out" as const,
      afterFrames,
    })),
  ]);
  it.each(cuts)("survives $how after frame $afterFrames $direction", async (cut) => {
    server.fault({ resource: "pods/exec" }, { kind: "exec-drop", ...cut });
    agent.exit = { exitCode: 7 };
    expect(await run()).toEqual({ exit: { exitCode: 7 } });
    expect(server.pendingFaults).toBe(0);
    expect(printed).toBe(LINES.join(""));
    expect(agent.started).toEqual(["step-1"]);
    expect(agent.received.at(-1)).toBe("some files");
    expect(agent.applied).toBeGreaterThan(0);
    expect(notices).toHaveLength(1);
  });

  it("survives a cut in every connection but the last, each a little later", async () => {
    for (let after = 0; after < 8; after += 1) {
      const drop: Fault = { kind: "exec-drop", how: "reset", direction: "out", afterFrames: 2 };
      server.fault({ resource: "pods/exec" }, drop);
    }
    expect(await run()).toEqual({ exit: { exitCode: 0 } });
    expect(printed).toBe(LINES.join(""));
    expect(agent.started).toEqual(["step-1"]);
    expect(notices).toHaveLength(1);
  });

  it("survives a cut after a long time without a word", async () => {
    agent.endless = true;
    const attempt = run();
    await until(() => printed === LINES.join(""));
    const began = clock.now();
    await until(() => clock.now() - began > 600_000);
    agent.endless = false;
    server.dropConnections();
    expect(await attempt).toEqual({ exit: { exitCode: 0 } });
    expect(agent.started).toEqual(["step-1"]);
  });

  describe("where an API server that starts refuses what it granted before,", () => {
    const refused = (resource: string): Fault => ({
      kind: "status",
      status: 403,
      message: `User "u" cannot create resource "${resource}" in API group ""`,
    });
    beforeEach(() => {
      agent.exit = { exitCode: 3 };
      server.fault(
        { resource: "pods/exec" },
        { kind: "exec-drop", direction: "out", afterFrames: 2, how: "reset" },
      );
    });

    it("goes on when it grants it again", async () => {
      server.fault({ resource: "pods/exec", times: 2 }, refused("pods/exec"));
      server.fault({ resource: "pods", times: 2 }, refused("pods"));
      expect(await run()).toEqual({ exit: { exitCode: 3 } });
      expect({ printed, pending: server.pendingFaults }).toEqual({ printed: LINES.join(""), pending: 0 });
    });

    it("ends with the rule that is missing when it does not", async () => {
      server.fault({ resource: "pods/exec", times: 999 }, refused("pods/exec"));
      await expect(run()).rejects.toMatchObject({
        code: "PERMISSION_DENIED",
        remedy: expect.stringContaining('resources: ["pods/exec"]'),
      });
      expect(notices).toEqual([expect.stringContaining("Connecting to the job pod again")]);
    });
  });

  it("gives up after five minutes out of reach", async () => {
    server.fault({ resource: "pods/exec", times: 10_000 }, { kind: "status", status: 503 });
    await expect(run()).rejects.toMatchObject({
      code: "CLUSTER_UNAVAILABLE",
      message: expect.stringMatching(/out of reach for \d{3} s/),
    });
    expect(agent.started).toEqual([]);
  });
});

describe("a session never ends well", () => {
  const send = encodeMessage;
  const exit = send({ kind: "exit", exit: { exitCode: 0 } });
  it.each([
    ["without the program's exit", [send({ kind: "done" })], "INVALID_REQUEST"],
    ["with broken JSON", [encodeFrame(FRAME.message, Buffer.from('{"kind":"ex'))], "INVALID_REQUEST"],
    ["with an unknown message", [encodeFrame(FRAME.message, Buffer.from('{"kind":"x"}'))], "INVALID_REQUEST"],
    [
      "with an exit code that is none",
      [Buffer.from(exit.toString("latin1").replace("0", '"'))],
      "INVALID_REQUEST",
    ],
    ["with a frame that is none", [Buffer.from("HTTP/1.1 400 Bad Request")], "INVALID_REQUEST"],
    ["with output after the exit", [exit, encodeFrame(FRAME.output, Buffer.from("x"))], "INVALID_REQUEST"],
    ["with files before the exit", [encodeFrame(FRAME.treeEnd)], "INVALID_REQUEST"],
    [
      "with what the agent calls a failure",
      [send({ kind: "failed", error: { code: "RESOURCE_EXHAUSTED", message: "no disk" } })],
      "RESOURCE_EXHAUSTED",
    ],
    [
      "with a failure between files",
      [
        exit,
        encodeFrame(FRAME.tree, Buffer.from("tree ")),
        send({ kind: "failed", error: { code: "RESOURCE_EXHAUSTED", message: "no disk" } }),
      ],
      "RESOURCE_EXHAUSTED",
    ],
  ])("%s", async (_, frames, code) => {
    agent.misbehave = async (bytes) => {
      for (const frame of frames) await bytes(frame);
      return 0;
    };
    await expect(run()).rejects.toMatchObject({ code });
  });

  it.each([
    ["no exit", []],
    ["an exit, and no files", [exit]],
  ])("when connections end with success and %s", async (_, frames) => {
    agent.misbehave = async (bytes) => {
      for (const frame of frames) await bytes(frame);
      return 0;
    };
    const attempt = run();
    await until(() => agent.requests.length > 3);
    server.remove("pods", "arc-workflow");
    await expect(attempt).rejects.toMatchObject({ code: "POD_LOST" });
  });

  it("when the runner's disk does not take the files; a bad exit code still comes first", async () => {
    const sink = async () => {
      throw new BuildError("RESOURCE_EXHAUSTED", "no space");
    };
    await expect(run({ ...full, sink })).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
    agent.exit = { exitCode: 5 };
    const result = await run({ ...full, request: { ...step, id: "step-2" }, sink });
    expect(result).toMatchObject({ exit: { exitCode: 5 }, failure: { message: "no space" } });
  });

  it("when a file to send cannot be read", async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from("some ");
      throw new BuildError("CONTEXT_UNAVAILABLE", "it is gone");
    }
    await expect(run({ ...full, files: broken })).rejects.toMatchObject({ message: "it is gone" });
    expect(agent.started).toEqual([]);
  });
});

describe("a pod that is lost", () => {
  it.each([
    ["was deleted", () => server.remove("pods", "arc-workflow"), { code: "POD_LOST", message: /deleted/ }],
    [
      "ran out of memory",
      () => server.pod("arc-workflow").terminated("job", 137, { reason: "OOMKilled" }),
      { code: "RESOURCE_EXHAUSTED", message: /memory/ },
    ],
    [
      "was evicted",
      () => server.pod("arc-workflow").phase("Failed", "Evicted", "the node was low on memory"),
      { code: "POD_LOST", message: /low on memory/ },
    ],
    [
      "lost its job container",
      () => server.pod("arc-workflow").terminated("job", 1),
      { code: "POD_LOST", message: /Container job .* exit code 1/ },
    ],
    [
      "lost its agent",
      () => server.pod("arc-workflow").terminated("sync", 1),
      { code: "POD_LOST", message: /Container sync .* exit code 1/ },
    ],
  ])("says why: it %s", async (_, happens, { code, message }) => {
    agent.misbehave = async () => {
      happens();
      return undefined;
    };
    await expect(run()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("is waited for when only the agent knows that its container has ended", async () => {
    agent.misbehave = async (bytes) => {
      await bytes(encodeMessage({ kind: "failed", error: { code: "POD_LOST", message: "it has ended" } }));
      return 0;
    };
    const attempt = run();
    await until(() => server.requests.some(({ verb, resource }) => verb === "get" && resource === "pods"));
    server.pod("arc-workflow").terminated("job", 137, { reason: "OOMKilled" });
    await expect(attempt).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  });
});

describe("a cancel", () => {
  const cancelled = new BuildError("CANCELLED", "The runner stopped the step (SIGINT)");

  it("reaches the program, and waits for its end", async () => {
    agent.endless = true;
    const controller = new AbortController();
    const attempt = run(full, controller.signal);
    await until(() => printed === LINES.join(""));
    controller.abort(cancelled);
    await expect(attempt).rejects.toBe(cancelled);
    expect(agent.heard.map(({ kind }) => kind)).toEqual(["cancel"]);
  });

  it("finds its way over a new connection when the old one is gone", async () => {
    agent.endless = true;
    server.fault(
      { resource: "pods/exec" },
      { kind: "exec-drop", direction: "out", afterFrames: 6, how: "freeze" },
    );
    const controller = new AbortController();
    const attempt = run(full, controller.signal);
    await until(() => printed === LINES.join(""));
    server.dropConnections();
    controller.abort(cancelled);
    await expect(attempt).rejects.toBe(cancelled);
    expect(agent.heard.map(({ kind }) => kind)).toEqual(["cancel"]);
    expect(agent.started).toEqual(["step-1"]);
  });

  it.each([
    ["before the first connection", 0],
    ["with a connection that answers nothing", 1],
  ])("hangs at nothing %s", async (_, connections) => {
    server.fault({ resource: "pods/exec", times: 99 }, { kind: "stall", when: "before" });
    const controller = new AbortController();
    if (connections === 0) controller.abort(cancelled);
    const attempt = run(full, controller.signal);
    attempt.catch(() => undefined);
    await until(() => server.requests.length >= connections);
    controller.abort(cancelled);
    await expect(attempt).rejects.toBe(cancelled);
    expect(agent.started).toEqual([]);
  });

  it("hangs at no program that does not stop", async () => {
    agent.misbehave = () => new Promise(() => undefined);
    const controller = new AbortController();
    const attempt = run(full, controller.signal);
    attempt.catch(() => undefined);
    await until(() => agent.requests.length > 0);
    controller.abort(cancelled);
    await expect(attempt).rejects.toBe(cancelled);
  });
});

describe("other sessions", () => {
  it("begin a job, once the files are there", async () => {
    const request: SessionRequest = { kind: "begin", environment: {}, files: true };
    server.fault(
      { resource: "pods/exec" },
      { kind: "exec-drop", direction: "out", afterFrames: 1, how: "reset" },
    );
    const result = await run({ request, files, onReceived: full.onReceived });
    expect(result).toEqual({ facts: { isAlpine: true, uid: 1000, gid: 1000 } });
    expect({ confirmed, received: agent.received.at(-1) }).toEqual({ confirmed: 1, received: "some files" });
  });

  it("collect what changed", async () => {
    await run({ request: { kind: "collect", back: ["__w"] }, sink: full.sink });
    expect(taken).toEqual(["tree of changes"]);
  });

  it("put files, and need no second connection for a lost last word", async () => {
    server.fault(
      { resource: "pods/exec" },
      { kind: "exec-drop", direction: "out", afterFrames: 1, how: "reset" },
    );
    expect(await run({ request: { kind: "put" }, files, onReceived: full.onReceived })).toEqual({});
    expect({ confirmed, connections: agent.requests.length }).toEqual({ confirmed: 1, connections: 1 });
  });
});
