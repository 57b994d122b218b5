import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { cancellation } from "../cancellation.ts";
import { ApiFailure } from "../client/api-failure.ts";
import type { Connection } from "../client/connection.ts";
import { type AttemptScope, apiUrl, hostOf, RequestTimeout } from "../client/http-attempt.ts";
import { networkFailure } from "../client/network-failure.ts";
import { statusBodyOf, statusFailure } from "../client/status-failure.ts";
import { PROTOCOLS } from "./exec-frames.ts";
import { execRefusal } from "./exec-status.ts";
import { type ExecTarget, execPath } from "./exec-target.ts";

const MAX_REFUSAL_BYTES = 64 * 1024;
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** Opens the WebSocket of one exec, paused: nothing is lost before somebody listens. Rejects with an ApiFailure. */
export function openExec(
  connection: Connection,
  target: ExecTarget,
  stdin: boolean,
  scope: AttemptScope,
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const { signal } = scope;
    const socket = connect(connection, target, stdin);
    const settle = (finish: () => void) => {
      stop();
      signal?.removeEventListener("abort", onAbort);
      finish();
    };
    const fail = (cause: unknown) => {
      settle(() => reject(networkFailure(cause, hostOf(connection.server))));
      socket.terminate();
    };
    const stop = scope.clock.after(scope.timeoutMs, () => fail(new RequestTimeout(scope.timeoutMs)));
    const onAbort = () => fail(cancellation(signal));
    signal?.addEventListener("abort", onAbort, { once: true });
    // Stays for good: terminating a socket that is still connecting emits an error too.
    socket.on("error", fail);
    socket.once("unexpected-response", (_request, response) => {
      refusal(response, target).then(fail, fail);
    });
    socket.once("open", () => {
      socket.pause();
      settle(() => resolve(socket));
    });
    if (signal?.aborted === true) onAbort();
  });
}

function connect(connection: Connection, target: ExecTarget, stdin: boolean): WebSocket {
  const url = apiUrl(connection.server, execPath(target, stdin));
  const secure = url.protocol === "https:";
  url.protocol = secure ? "wss:" : "ws:";
  return new WebSocket(url, [...PROTOCOLS], {
    ...connection.tls,
    // A connection of its own: a pooled one may be dead already, and a lost upgrade cannot be repeated safely.
    ...(connection.proxied ? { agent: connection.agent } : {}),
    ...(connection.auth === undefined ? {} : { auth: connection.auth }),
    headers: { ...connection.headers },
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    // Masking keeps hostile scripts from forging requests in proxies that read plain traffic (RFC 6455 §10.3). Inside TLS no
    // proxy reads it, and a key of zeros saves a pass over every byte.
    ...(secure ? { generateMask: (mask: Buffer) => void mask.fill(0) } : {}),
  });
}

async function refusal(response: IncomingMessage, target: ExecTarget): Promise<ApiFailure> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_REFUSAL_BYTES) chunks.push(chunk);
  }
  const answer = { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
  const lost = execRefusal(statusBodyOf(answer.body).message, target);
  if (lost.code === "POD_LOST") return new ApiFailure(lost, "give-up");
  const asked = {
    verb: "create",
    resource: "pods/exec",
    namespace: target.namespace,
    name: target.pod,
  } as const;
  return statusFailure(answer, asked);
}
