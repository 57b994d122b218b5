import { cancellation } from "@slipway/core";
import { WebSocket } from "ws";
import type { Connection } from "../client/connection.ts";
import { type AttemptScope, apiUrl, hostOf, RequestTimeout } from "../client/http-attempt.ts";
import { networkFailure } from "../client/network-failure.ts";
import { PROTOCOLS } from "./exec-frames.ts";
import { type ExecTarget, execPath } from "./exec-target.ts";
import { brokenUpgrade, upgradeRefusal } from "./upgrade-refusal.ts";

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
      const failure = brokenUpgrade(cause, target) ?? networkFailure(cause, hostOf(connection.server));
      settle(() => reject(failure));
      socket.terminate();
    };
    const stop = scope.clock.after(scope.timeoutMs, () => fail(new RequestTimeout(scope.timeoutMs)));
    const onAbort = () => fail(cancellation(signal));
    signal?.addEventListener("abort", onAbort, { once: true });
    // Stays for good: terminating a socket that is still connecting emits an error too.
    socket.on("error", fail);
    socket.once("unexpected-response", (_request, response) => {
      upgradeRefusal(response, target).then(fail, fail);
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
