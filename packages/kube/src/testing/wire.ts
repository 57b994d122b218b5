import type http from "node:http";
import type { SeenRequest } from "./fault-script.ts";

const VERBS: Readonly<Record<string, SeenRequest["verb"]>> = { POST: "create", DELETE: "delete" };

/** Takes a request's path apart (Kubernetes API concepts, "Resource URIs"). */
export function seenRequest(request: http.IncomingMessage, body: string): SeenRequest {
  const url = new URL(request.url ?? "/", "http://server");
  const path = /\/namespaces\/[^/]+\/([a-z]+)(?:\/([^/]+))?(?:\/([a-z]+))?$/.exec(url.pathname);
  const [, resource = "", name, subresource] = path ?? [];
  return {
    verb: VERBS[request.method ?? ""] ?? (name === undefined ? "list" : "get"),
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    name: name === undefined ? undefined : decodeURIComponent(name),
    query: url.searchParams,
    body,
    authorization: request.headers.authorization,
  };
}

export async function readBody(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** `metav1.Status` of a failure. */
export function errorStatus(failure: {
  readonly status: number;
  readonly reason?: string;
  readonly message?: string;
}): object {
  const { status, reason, message } = failure;
  return { kind: "Status", apiVersion: "v1", status: "Failure", code: status, reason, message };
}
