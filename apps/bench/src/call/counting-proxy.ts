import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { RequestCounts } from "./call-request.ts";

/** How a pod reaches its API server (Kubernetes documentation, "Accessing the Kubernetes API from a Pod"). */
export interface PodCluster {
  readonly host: string;
  readonly port: string;
}

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** A proxy in front of the API server that passes everything on, exec included, and counts. */
export class CountingProxy {
  readonly #counts: Record<string, number> = {};
  readonly #target: https.RequestOptions;
  readonly #token: string;
  readonly #server = http.createServer();

  static async start({ host, port }: PodCluster): Promise<CountingProxy> {
    const agent = new https.Agent({ keepAlive: true });
    const target = { host, port, agent, ca: await readFile(`${ACCOUNT}/ca.crt`) };
    const proxy = new CountingProxy(target, await readFile(`${ACCOUNT}/token`, "utf8"));
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  private constructor(target: https.RequestOptions, token: string) {
    this.#target = target;
    this.#token = token;
    this.#server.on("request", (request, response) => this.#forward(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.#join(request, socket, head));
  }

  /** A kubeconfig that leads through this proxy, as the service account. */
  get kubeconfig(): string {
    const server = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user: { token: this.#token } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      "current-context": "c",
    });
  }

  /** Ends it, with what it has counted. */
  stop(): RequestCounts {
    this.#server.closeAllConnections();
    this.#server.close();
    (this.#target.agent as https.Agent).destroy();
    return this.#counts;
  }

  #forward(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.#count(request);
    const onward = https.request(this.#optionsFor(request), (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }

  #join(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#count(request);
    const onward = https.request({ ...this.#optionsFor(request), agent: false });
    onward.on("upgrade", (answer, remote, first) => {
      socket.write(headOf(answer));
      socket.write(first);
      remote.write(head);
      for (const [from, to] of [
        [socket, remote],
        [remote, socket],
      ] as const) {
        from.on("error", () => to.destroy()).on("close", () => to.destroy());
        from.pipe(to);
      }
    });
    onward.on("response", (answer) => {
      socket.write(headOf(answer));
      answer.pipe(socket);
    });
    onward.on("error", () => socket.destroy());
    onward.end();
  }

  #optionsFor({ method, url, headers }: http.IncomingMessage): https.RequestOptions {
    return { ...this.#target, method, path: url, headers: { ...headers, host: this.#target.host ?? "" } };
  }

  #count(request: http.IncomingMessage): void {
    const name = nameOf(request.method ?? "", request.url ?? "");
    this.#counts[name] = (this.#counts[name] ?? 0) + 1;
  }
}

function nameOf(method: string, url: string): string {
  const [path = ""] = url.split("?");
  if (path.includes("selfsubjectaccessreviews")) return "access review";
  const [resource = path, name, subresource] = path.split(/\/namespaces\/[^/]+\//)[1]?.split("/") ?? [];
  if (subresource !== undefined) return subresource;
  const verbs: Record<string, string> = {
    POST: "create",
    DELETE: "delete",
    GET: name === undefined ? "list" : "get",
  };
  return `${verbs[method] ?? method} ${resource}`;
}

function headOf({ statusCode, statusMessage, rawHeaders }: http.IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let index = 0; index < rawHeaders.length; index += 2)
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
