import type { IncomingMessage } from "node:http";
import { BuildError } from "@slipway/core";
import { ApiFailure } from "../client/api-failure.ts";
import { statusBodyOf, statusFailure } from "../client/status-failure.ts";
import { PROTOCOLS } from "./exec-frames.ts";
import { execRefusal } from "./exec-status.ts";
import type { ExecTarget } from "./exec-target.ts";

const MAX_REFUSAL_BYTES = 64 * 1024;

/** What an answer means that is no upgrade to WebSocket. */
export async function upgradeRefusal(response: IncomingMessage, target: ExecTarget): Promise<ApiFailure> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_REFUSAL_BYTES) chunks.push(chunk);
  }
  const answer = { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
  const { kind, message } = statusBodyOf(answer.body);
  const lost = execRefusal(message, target);
  if (lost.code === "POD_LOST") return new ApiFailure(lost, "give-up");
  if (!mayBeOfTheApi(answer.status, kind, message)) return withoutUpgrade(target, answer.status, message);
  const asked = {
    verb: "create",
    resource: "pods/exec",
    namespace: target.namespace,
    name: target.pod,
  } as const;
  return statusFailure(answer, asked);
}

/** What the WebSocket library says of an upgrade that breaks the rules; undefined for what is the network's. */
export function brokenUpgrade(error: unknown, target: ExecTarget): ApiFailure | undefined {
  const text = error instanceof Error ? error.message : "";
  if (/^Invalid (Upgrade|Sec-WebSocket-\w+) header/.test(text)) return withoutUpgrade(target, 101, text);
  if (!/^Server sent (no|an invalid) subprotocol/.test(text)) return undefined;
  const message = `the Kubernetes API speaks none of the protocols ${PROTOCOLS.join(", ")} to run a command in ${nameOf(target)}`;
  const remedy =
    "Let proxies before the API server pass the header Sec-WebSocket-Protocol on, in both directions";
  return new ApiFailure(new BuildError("INVALID_CONFIG", message, { remedy, cause: error }), "give-up");
}

/** A proxy's own word has another form; of a gateway that cannot reach its server, and of one that asks who we are, the status is enough. */
function mayBeOfTheApi(status: number, kind: string, message: string): boolean {
  if (status === 401 || status === 408 || status === 429 || status >= 500) return true;
  return kind === "Status" && !/upgrade request required/i.test(message);
}

function withoutUpgrade(target: ExecTarget, status: number, said: string): ApiFailure {
  const message = `the Kubernetes API, or a proxy before it, does not take a WebSocket connection to ${nameOf(target)} (status ${status})`;
  const remedy =
    "Let proxies and load balancers before the API server pass `Connection: Upgrade` and `Upgrade: websocket` on";
  const error = new BuildError("INVALID_CONFIG", said === "" ? message : `${message}: ${said}`, {
    remedy,
    details: { status },
  });
  return new ApiFailure(error, "give-up");
}

function nameOf({ container, pod }: ExecTarget): string {
  return `container ${container} of pod ${pod}`;
}
