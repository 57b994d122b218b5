import type http from "node:http";
import type { Duplex } from "node:stream";
import type { Fault } from "./fault-script.ts";
import { errorStatus } from "./wire.ts";

export function reply(response: http.ServerResponse, status: number, body: object, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

export function cutReply(response: http.ServerResponse, body: object, afterBytes: number): void {
  const whole = Buffer.from(JSON.stringify(body));
  response.writeHead(200, { "content-length": whole.length });
  response.write(whole.subarray(0, afterBytes), () => response.socket?.destroy());
}

export function lose(request: http.IncomingMessage, fault: Fault): void {
  if (fault.kind === "reset") request.socket.resetAndDestroy();
}

export async function sendLog(
  response: http.ServerResponse,
  log: AsyncIterable<Buffer>,
  fault: Fault | undefined,
): Promise<void> {
  let left = fault?.kind === "cut" || fault?.kind === "silence" ? fault.afterBytes : Number.POSITIVE_INFINITY;
  for await (const chunk of log) {
    const part = chunk.subarray(0, Math.min(left, chunk.length));
    left -= part.length;
    await new Promise<void>((resolve) => response.write(part, () => resolve()));
    if (left > 0) continue;
    if (fault?.kind === "silence") return;
    if (fault?.kind === "cut" && fault.clean === true) break;
    response.socket?.resetAndDestroy();
    return;
  }
  response.end();
}

export function refuseUpgrade(
  socket: Duplex,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const lines = Object.entries({ ...headers, "content-length": String(text.length), connection: "close" });
  const head = lines.map(([key, value]) => `${key}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${status} Refused\r\n${head}\r\n${text}`);
}

export function notFound(resource: string, name: string): object {
  return errorStatus({ status: 404, reason: "NotFound", message: `${resource} "${name}" not found` });
}
