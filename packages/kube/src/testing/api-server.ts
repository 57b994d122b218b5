import http from "node:http";
import https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { KubeConfig, type V1Pod } from "@kubernetes/client-node";
import { ExecEndpoint, type ExecHandler } from "./exec-endpoint.ts";
import { type Fault, type FaultMatch, FaultScript, type SeenRequest } from "./fault-script.ts";
import { ObjectStore, type StoredObject } from "./object-store.ts";
import { cutReply, lose, notFound, refuseUpgrade, reply, sendLog } from "./replies.ts";
import { ScriptedPod } from "./scripted-pod.ts";
import { errorStatus, readBody, seenRequest } from "./wire.ts";

export interface ApiServerOptions {
  /** Speaks HTTPS; PEM. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Protocols of exec that the server knows. */
  readonly execProtocols?: readonly string[];
}

/** A Kubernetes API server for tests, over real sockets: objects in memory, pods moved on by the test, faults on order. */
export class ApiServer {
  readonly #server: http.Server;
  readonly #scheme: "http" | "https";
  readonly #sockets = new Set<Socket>();
  readonly #store = new ObjectStore();
  readonly #pods = new Map<string, ScriptedPod>();
  readonly #faults = new FaultScript();
  readonly #execEndpoint: ExecEndpoint;
  readonly #created: ((resource: string, object: StoredObject) => void)[] = [];
  #exec: ExecHandler = () => Promise.reject(new Error("this server has no exec handler"));
  /** Every request, in order of arrival. */
  readonly requests: SeenRequest[] = [];
  /** Set: every other bearer token is answered with 401. */
  token: string | undefined;

  private constructor(options: ApiServerOptions) {
    this.#scheme = options.tls === undefined ? "http" : "https";
    this.#server = options.tls === undefined ? http.createServer() : https.createServer(options.tls);
    this.#execEndpoint = new ExecEndpoint(options.execProtocols);
    this.#server.on("connection", (socket) =>
      this.#sockets.add(socket.on("close", () => this.#sockets.delete(socket))),
    );
    this.#server.on("request", (request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  static async start(options: ApiServerOptions = {}): Promise<ApiServer> {
    const server = new ApiServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** For `createKubeApi`. `caData` is base64 of a PEM file. */
  kubeconfig(options: { readonly token?: string; readonly caData?: string } = {}): KubeConfig {
    const config = new KubeConfig();
    const trust =
      options.caData === undefined ? { skipTLSVerify: this.#scheme === "http" } : { caData: options.caData };
    const user = { name: "test", ...(options.token === undefined ? {} : { token: options.token }) };
    config.loadFromClusterAndUser({ name: "test", server: this.url, skipTLSVerify: false, ...trust }, user);
    return config;
  }

  /** Plans a fault for requests to come. */
  fault(match: FaultMatch, fault: Fault): void {
    this.#faults.plan(match, fault);
  }

  /** Planned faults that have not happened yet. */
  get pendingFaults(): number {
    return this.#faults.pending;
  }

  /** Puts a pod there without a request. */
  addPod(pod: V1Pod): ScriptedPod {
    const stored = this.#store.add("pods", pod as { metadata?: { name?: string } });
    if (stored === undefined) throw new Error(`there is a pod ${pod.metadata?.name} already`);
    return this.pod(stored.metadata.name);
  }

  /** The script of a pod that exists. */
  pod(name: string): ScriptedPod {
    const object = this.#store.get("pods", name);
    if (object === undefined) throw new Error(`there is no pod ${name}`);
    const known = this.#pods.get(object.metadata.uid);
    if (known !== undefined) return known;
    const script = new ScriptedPod(object as unknown as V1Pod);
    this.#pods.set(object.metadata.uid, script);
    return script;
  }

  /** Everything of a resource that exists now. */
  objects(resource: string): readonly StoredObject[] {
    return this.#store.list(resource);
  }

  /** As somebody else would: without a request, and without grace. */
  remove(resource: string, name: string): void {
    this.#store.remove(resource, name);
  }

  /** Called after each object that a request created: the place to move a pod on. */
  onCreate(callback: (resource: string, object: StoredObject) => void): void {
    this.#created.push(callback);
  }

  /** What answers every exec from now on. */
  onExec(handler: ExecHandler): void {
    this.#exec = handler;
  }

  /** Cuts every connection: the API server restarts. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const seen = seenRequest(request, await readBody(request));
    this.requests.push(seen);
    const fault = this.#faults.next(seen);
    if (fault?.kind === "status") return reply(response, fault.status, errorStatus(fault), fault.headers);
    if (fault?.kind === "foreign") return void response.writeHead(fault.status).end(fault.body);
    if (fault !== undefined && "when" in fault && fault.when === "before") return lose(request, fault);
    if (this.#refuses(seen))
      return reply(response, 401, errorStatus({ status: 401, reason: "Unauthorized" }));
    if (seen.resource === "pods/log") return this.#serveLog(seen, response, fault);
    const { status, body } = this.#apply(seen);
    if (fault !== undefined && "when" in fault) return lose(request, fault);
    if (fault?.kind === "cut") return cutReply(response, body, fault.afterBytes);
    reply(response, status, body);
  }

  #refuses(seen: SeenRequest): boolean {
    return this.token !== undefined && seen.authorization !== `Bearer ${this.token}`;
  }

  #apply(seen: SeenRequest): { status: number; body: object } {
    const { verb, resource, name = "" } = seen;
    if (verb === "create") return this.#create(resource, seen.body);
    if (verb === "list") {
      return {
        status: 200,
        body: { items: this.#store.list(resource, seen.query.get("labelSelector") ?? "") },
      };
    }
    const object = this.#store.get(resource, name);
    if (object === undefined) return { status: 404, body: notFound(resource, name) };
    return verb === "get" ? { status: 200, body: object } : this.#delete(resource, object, seen.body);
  }

  #create(resource: string, body: string): { status: number; body: object } {
    const object = JSON.parse(body) as { metadata?: { name?: string } };
    const stored = this.#store.add(resource, object);
    if (stored === undefined) {
      const message = `${resource} "${object.metadata?.name}" already exists`;
      return { status: 409, body: errorStatus({ status: 409, reason: "AlreadyExists", message }) };
    }
    if (resource === "pods") this.pod(stored.metadata.name);
    for (const callback of this.#created) callback(resource, stored);
    return { status: 201, body: stored };
  }

  #delete(resource: string, object: StoredObject, body: string): { status: number; body: object } {
    const uid = (JSON.parse(body || "{}") as { preconditions?: { uid?: string } }).preconditions?.uid;
    if (uid !== undefined && uid !== object.metadata.uid) {
      const message = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.metadata.uid}`;
      return { status: 409, body: errorStatus({ status: 409, reason: "Conflict", message }) };
    }
    this.#store.remove(resource, object.metadata.name);
    return { status: 200, body: { kind: "Status", status: "Success" } };
  }

  async #serveLog(seen: SeenRequest, response: http.ServerResponse, fault: Fault | undefined): Promise<void> {
    const { name = "", query } = seen;
    if (this.#store.get("pods", name) === undefined) return reply(response, 404, notFound("pods", name));
    const pod = this.pod(name);
    const container = query.get("container") ?? "";
    const state = pod.stateOf(container);
    if (state?.running === undefined && state?.terminated === undefined) {
      const message = `container "${container}" in pod "${name}" is waiting to start: PodInitializing`;
      return reply(response, 400, errorStatus({ status: 400, reason: "BadRequest", message }));
    }
    response.writeHead(200, { "content-type": "text/plain" }).flushHeaders();
    const options = { follow: query.get("follow") === "true", since: query.get("sinceTime") ?? undefined };
    await sendLog(response, pod.logOf(container).read(options), fault);
  }

  #upgrade(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    const seen = seenRequest(request, "");
    this.requests.push(seen);
    const fault = this.#faults.next(seen);
    if (fault !== undefined && "when" in fault) lose(request, fault);
    else if (fault?.kind === "status")
      refuseUpgrade(socket, fault.status, JSON.stringify(errorStatus(fault)), fault.headers);
    else if (fault?.kind === "foreign") refuseUpgrade(socket, fault.status, fault.body);
    else if (this.#refuses(seen)) refuseUpgrade(socket, 401, JSON.stringify(errorStatus({ status: 401 })));
    else if (this.#store.get("pods", seen.name ?? "") !== undefined)
      this.#serveExec(seen, fault, { request, socket, head });
    else refuseUpgrade(socket, 404, JSON.stringify(notFound("pods", seen.name ?? "")));
  }

  #serveExec(
    { name = "", query }: SeenRequest,
    fault: Fault | undefined,
    upgrade: { readonly request: http.IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  ): void {
    const container = query.get("container") ?? "";
    const runs = this.pod(name).stateOf(container)?.running !== undefined;
    const handler = runs ? this.#exec : `Internal error occurred: container not found ("${container}")`;
    const call = { pod: name, container, command: query.getAll("command") };
    const drop = fault?.kind === "exec-drop" ? fault : undefined;
    this.#execEndpoint.accept(upgrade, call, handler, drop);
  }
}
