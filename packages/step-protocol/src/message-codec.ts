import { BuildError } from "@slipway/core";
import { encodeFrame, FRAME, type Frame, MAX_FRAME_BYTES } from "./frames.ts";
import type {
  AgentMessage,
  ClientMessage,
  JobContainerFacts,
  SessionRequest,
  StepCommand,
  StepExit,
} from "./messages.ts";
import { checkedWireError } from "./wire-error.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A message as a frame. Throws INVALID_REQUEST where it is longer than a frame may be. */
export function encodeMessage(message: SessionRequest | ClientMessage | AgentMessage): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  if (payload.length <= MAX_FRAME_BYTES) return encodeFrame(FRAME.message, payload);
  throw new BuildError(
    "INVALID_REQUEST",
    `The step's arguments and environment have ${payload.length} bytes, and ${MAX_FRAME_BYTES} are the most`,
    { remedy: "Pass large values in files" },
  );
}

/** The request that opens a session. Throws INVALID_REQUEST for anything else. */
export function decodeRequest(frame: Frame): SessionRequest {
  const fields = fieldsOf(frame);
  const request = requestOf(fields);
  if (request === undefined) throw unreadable(`a request of the kind ${kindOf(fields)}`);
  return request;
}

/** A message from the hook. Throws INVALID_REQUEST for anything else. */
export function decodeClientMessage(frame: Frame): ClientMessage {
  const fields = fieldsOf(frame);
  const { kind, offset } = fields;
  if (kind === "cancel" || kind === "applied") return { kind };
  if (kind === "printed" && isOffset(offset)) return { kind, offset };
  throw unreadable(`a message of the kind ${kindOf(fields)}`);
}

/** A message from the agent, whom an untrusted container may have taken over. Throws INVALID_REQUEST for anything else. */
export function decodeAgentMessage(frame: Frame): AgentMessage {
  const fields = fieldsOf(frame);
  const message = agentMessageOf(fields);
  if (message === undefined) throw unreadable(`a message of the kind ${kindOf(fields)}`);
  return message;
}

function requestOf(fields: Fields): SessionRequest | undefined {
  const { kind, files, back, id, offset, command, environment, main } = fields;
  if (kind === "put") return { kind };
  if (kind === "collect" && isTexts(back)) return { kind, back };
  if (kind === "begin" && typeof files === "boolean" && isTextMap(environment)) {
    if (main === undefined) return { kind, files, environment };
    return isMain(main) ? { kind, files, environment, main } : undefined;
  }
  if (kind !== "step" || typeof files !== "boolean" || !isTexts(back)) return undefined;
  if (!isStepId(id) || !isOffset(offset) || !isCommand(command)) return undefined;
  return { kind, id, offset, files, command, back };
}

function agentMessageOf(fields: Fields): AgentMessage | undefined {
  const { kind } = fields;
  if (kind === "received" || kind === "done") return { kind };
  if (kind === "begun") {
    const facts = factsOf(fields["facts"]);
    return facts && { kind, facts };
  }
  if (kind === "exit") {
    const exit = exitOf(fields["exit"]);
    return exit && { kind, exit };
  }
  if (kind !== "failed") return undefined;
  const error = checkedWireError(fields["error"]);
  return error && { kind, error };
}

function factsOf(value: unknown): JobContainerFacts | undefined {
  if (!isFields(value)) return undefined;
  const { isAlpine, uid, gid } = value;
  return typeof isAlpine === "boolean" && isOffset(uid) && isOffset(gid) ? { isAlpine, uid, gid } : undefined;
}

function exitOf(value: unknown): StepExit | undefined {
  if (!isFields(value)) return undefined;
  const { exitCode, failure } = value;
  if (!isOffset(exitCode) || exitCode > 255) return undefined;
  if (failure === undefined) return { exitCode };
  const error = checkedWireError(failure);
  return error && { exitCode, failure: error };
}

function isCommand(value: unknown): value is StepCommand {
  if (!isFields(value)) return false;
  const { entryPoint, args, workingDirectory, environment, prependPath } = value;
  return (
    typeof entryPoint === "string" &&
    isTexts(args) &&
    (workingDirectory === undefined || typeof workingDirectory === "string") &&
    isTextMap(environment) &&
    isTexts(prependPath)
  );
}

function isMain(value: unknown): value is { entryPoint: string; args: readonly string[] } {
  return isFields(value) && typeof value["entryPoint"] === "string" && isTexts(value["args"]);
}

/** It becomes part of a file name. */
function isStepId(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9-]{0,127}$/.test(value);
}

function isOffset(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  return isFields(value) && Object.values(value).every((text) => typeof text === "string");
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldsOf({ kind, payload }: Frame): Fields {
  if (kind !== FRAME.message) throw unreadable("files or output where a message was due");
  let value: unknown;
  let cause: unknown;
  try {
    value = JSON.parse(payload.toString("utf8"));
  } catch (error) {
    cause = error;
  }
  if (isFields(value)) return value;
  throw unreadable("a message that is not JSON", cause);
}

function kindOf({ kind }: Fields): string {
  return typeof kind === "string" ? JSON.stringify(kind.slice(0, 40)) : "that it does not name";
}

function unreadable(what: string, cause?: unknown): BuildError {
  return new BuildError(
    "INVALID_REQUEST",
    `Runner and job pod do not understand each other: there came ${what}`,
    {
      remedy: "Let both run the same version of Slipway",
      cause,
    },
  );
}
