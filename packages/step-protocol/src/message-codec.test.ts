import { BuildError } from "@slipway/core";
import { describe, expect, test } from "vitest";
import {
  type AgentMessage,
  type ClientMessage,
  decodeAgentMessage,
  decodeClientMessage,
  decodeRequest,
  encodeMessage,
  FRAME,
  type Frame,
  fromWireError,
  MAX_FRAME_BYTES,
  type SessionRequest,
  toWireError,
} from "./index.ts";

const environment = { "A b": "$(x) 'y' \"z\"\n\u2028 ü 🚢" };
const command = { entryPoint: "/bin/sh", args: ["-c", ""], environment, prependPath: ["/a"] };
const step = { kind: "step", id: "a-1", offset: 0, files: true, command, back: ["__w/repo"] } as const;

function frame(value: unknown): Frame {
  return { kind: FRAME.message, payload: Buffer.from(JSON.stringify(value)) };
}

function roundTrip<T>(
  message: SessionRequest | ClientMessage | AgentMessage,
  decode: (frame: Frame) => T,
): T {
  return decode({ kind: FRAME.message, payload: encodeMessage(message).subarray(5) });
}

test.each<SessionRequest>([
  { kind: "begin", environment, files: false },
  { kind: "begin", environment, files: true, main: { entryPoint: "a", args: [] } },
  step,
  { ...step, command: { ...command, workingDirectory: "/w" } },
  { kind: "collect", back: [] },
  { kind: "put" },
])("the request $kind comes through", (request) => {
  expect(roundTrip(request, decodeRequest)).toEqual(request);
});

test.each<ClientMessage>([{ kind: "printed", offset: 5 }, { kind: "cancel" }, { kind: "applied" }])(
  "the message $kind of the hook comes through",
  (message) => expect(roundTrip(message, decodeClientMessage)).toEqual(message),
);

test.each<AgentMessage>([
  { kind: "begun", facts: { isAlpine: true, uid: 0, gid: 1000 } },
  { kind: "received" },
  {
    kind: "exit",
    exit: { exitCode: 137, failure: { code: "RESOURCE_EXHAUSTED", message: "m", remedy: "r" } },
  },
  { kind: "exit", exit: { exitCode: 0 } },
  { kind: "done" },
  { kind: "failed", error: { code: "POD_LOST", message: "m" } },
])("the message $kind of the agent comes through", (message) => {
  expect(roundTrip(message, decodeAgentMessage)).toEqual(message);
});

describe("is refused:", () => {
  test.each<[string, unknown]>([
    ["no object", []],
    ["no kind", {}],
    ["an unknown kind", { kind: "burn" }],
    ["an environment that is no map of texts", { kind: "begin", files: false, environment: { A: 1 } }],
    ["an id that leads elsewhere", { ...step, id: "../x" }],
    ["an offset below zero", { ...step, offset: -1 }],
    ["arguments that are no texts", { ...step, command: { ...command, args: [null] } }],
    ["no command", { ...step, command: undefined }],
    ["prefixes that are no texts", { kind: "collect", back: "x" }],
  ])("a request with %s", (_what, value) => {
    expect(() => decodeRequest(frame(value))).toThrow(expect.objectContaining({ code: "INVALID_REQUEST" }));
  });

  test.each<[string, unknown]>([
    ["an exit code beyond 255", { kind: "exit", exit: { exitCode: 256 } }],
    ["an exit without a code", { kind: "exit", exit: {} }],
    ["a failure without text", { kind: "failed", error: {} }],
    ["facts that are none", { kind: "begun", facts: { isAlpine: "no", uid: 0, gid: 0 } }],
  ])("from the agent, %s", (_what, value) => {
    expect(() => decodeAgentMessage(frame(value))).toThrow(
      expect.objectContaining({ code: "INVALID_REQUEST" }),
    );
  });

  test.each(["", "{", '{"kind":"can'])("truncated JSON: %j", (text) => {
    const cut = { kind: FRAME.message, payload: Buffer.from(text) };
    for (const decode of [decodeRequest, decodeClientMessage, decodeAgentMessage]) {
      expect(() => decode(cut)).toThrow(/not JSON/);
    }
  });

  test("output where a message was due", () => {
    expect(() => decodeClientMessage({ kind: FRAME.output, payload: Buffer.from("{}") })).toThrow(
      /files or output/,
    );
  });

  test("a message longer than a frame, before it is sent", () => {
    const large = { A: "x".repeat(MAX_FRAME_BYTES) };
    expect(() => encodeMessage({ kind: "begin", files: false, environment: large })).toThrow(/are the most/);
  });
});

test("an error of the pod cannot start a workflow command, nor be endless or of an unknown code", () => {
  const error = { code: "toString", message: `a\r\n::set-env::${"x".repeat(5000)}`, remedy: "b\nc", more: 1 };
  const decoded = decodeAgentMessage(frame({ kind: "failed", error }));
  if (decoded.kind !== "failed") throw new Error("it is a failure");
  expect(decoded.error).toMatchObject({ code: "INTERNAL", remedy: "b c" });
  expect(decoded.error.message).toMatch(/^a ::set-env::x{1900,2000}…$/);
});

test("an error keeps code, message and remedy on the wire", () => {
  const error = new BuildError("POD_LOST", "m", { remedy: "r", cause: new Error("inner") });
  expect(fromWireError(toWireError(error))).toMatchObject({ code: "POD_LOST", message: "m", remedy: "r" });
  expect(toWireError(new Error("odd"))).toMatchObject({ code: "INTERNAL", message: "odd" });
});
