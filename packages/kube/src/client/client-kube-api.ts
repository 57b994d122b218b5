import { randomUUID } from "node:crypto";
import type { KubeConfig } from "@kubernetes/client-node";
import { BuildError, type Clock, type Logger, systemClock } from "@slipway/core";
import type {
  DeleteOptions,
  ExecOutcome,
  ExecStreams,
  KubeApi,
  LogOptions,
  ObjectOf,
  Resource,
} from "../kube-api.ts";
import { foreignAnswer, isMissingObject, objectIn, parsed } from "./api-answer.ts";
import { apiPath, KINDS } from "./api-paths.ts";
import { Connections } from "./connection.ts";
import { type ApiAnswer, type ApiRequest, hostOf, openStream, sendOnce } from "./http-attempt.ts";
import { networkFailure } from "./network-failure.ts";
import { withRetries } from "./retries.ts";
import { type Asked, statusFailure } from "./status-failure.ts";

export interface KubeApiOptions {
  readonly namespace: string;
  readonly logger: Logger;
  /** From KUBECONFIG, else ~/.kube/config, else the pod's service account, when left out. Read at the first request. */
  readonly kubeconfig?: KubeConfig;
  readonly clock?: Clock;
  /** Milliseconds for one try of one request; 30 s when left out. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds for all tries of one request; 2 min when left out. */
  readonly retryBudgetMs?: number;
}

/** Set by create itself, to know its own object again when the answer was lost. */
const NONCE = "slipway.dev/nonce";

/** The port over a real connection. Touches neither files nor network before the first call. */
export function createKubeApi(options: KubeApiOptions): KubeApi {
  return new ClientKubeApi(options);
}

/** The namespace that the kubeconfig's current context, or the pod's service account, names. Throws INVALID_CONFIG. */
export async function currentNamespace(kubeconfig?: KubeConfig): Promise<string | undefined> {
  const config = kubeconfig ?? (await import("./load-kube-config.ts")).loadKubeConfig();
  return config.getContextObject(config.getCurrentContext())?.namespace;
}

class ClientKubeApi implements KubeApi {
  readonly namespace: string;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #connections: Connections;
  readonly #timeoutMs: number;
  readonly #budgetMs: number;
  /** Somebody was told that the cluster does not do what it is asked; until it does. */
  #outageTold = false;

  constructor(options: KubeApiOptions) {
    this.namespace = options.namespace;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
    this.#connections = new Connections(options.kubeconfig, this.#clock);
    this.#timeoutMs = options.requestTimeoutMs ?? 30_000;
    this.#budgetMs = options.retryBudgetMs ?? 120_000;
  }

  async get<R extends Resource>(
    resource: R,
    name: string,
    signal?: AbortSignal,
  ): Promise<ObjectOf[R] | undefined> {
    const request = { method: "GET", path: apiPath(this.namespace, resource, name) } as const;
    const asked = this.#asked("get", resource, name);
    return this.#tried(asked, signal, async () => {
      const answer = await this.#send(request, signal);
      return isMissingObject(answer) ? undefined : objectIn<ObjectOf[R]>(answer, asked);
    });
  }

  async list<R extends Resource>(
    resource: R,
    labelSelector: string,
    signal?: AbortSignal,
  ): Promise<readonly ObjectOf[R][]> {
    const query = new URLSearchParams({ labelSelector });
    const request = {
      method: "GET",
      path: `${apiPath(this.namespace, resource)}?${query.toString()}`,
    } as const;
    const asked = this.#asked("list", resource);
    return this.#tried(asked, signal, async () => {
      const answer = await this.#send(request, signal);
      const { items } = parsed(answer, asked);
      if (!Array.isArray(items)) throw foreignAnswer(asked);
      return items as ObjectOf[R][];
    });
  }

  async create<R extends Resource>(
    resource: R,
    object: ObjectOf[R],
    signal?: AbortSignal,
  ): Promise<ObjectOf[R]> {
    const name = object.metadata?.name;
    if (name === undefined)
      throw new BuildError("INTERNAL", `an object of ${resource} to create has no name`);
    const nonce = randomUUID();
    const metadata = { ...object.metadata, annotations: { ...object.metadata?.annotations, [NONCE]: nonce } };
    const body = JSON.stringify({ ...KINDS[resource], ...object, metadata });
    const request = { method: "POST", path: apiPath(this.namespace, resource), body } as const;
    const asked = this.#asked("create", resource, name);
    return this.#tried(asked, signal, async (tries) => {
      const answer = await this.#send(request, signal);
      const exists = answer.status === 409 && answer.body.includes("AlreadyExists");
      // After a lost answer the name is taken, by us: the first try went through.
      const own = exists && tries > 1 ? await this.#ownObject(resource, name, nonce, signal) : undefined;
      return own ?? objectIn<ObjectOf[R]>(answer, asked);
    });
  }

  async delete(
    resource: Resource,
    name: string,
    options: DeleteOptions = {},
    signal?: AbortSignal,
  ): Promise<void> {
    const body = JSON.stringify({
      apiVersion: "v1",
      kind: "DeleteOptions",
      // The batch API leaves the pods of a Job behind unless it is told otherwise.
      propagationPolicy: "Background",
      ...(options.graceSeconds === undefined ? {} : { gracePeriodSeconds: options.graceSeconds }),
      ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
    });
    const request = { method: "DELETE", path: apiPath(this.namespace, resource, name), body } as const;
    const asked = this.#asked("delete", resource, name);
    await this.#tried(asked, signal, async () => {
      const answer = await this.#send(request, signal);
      const another =
        answer.status === 409 && options.uid !== undefined && answer.body.includes("UID in precondition");
      if (!isMissingObject(answer) && !another) parsed(answer, asked);
    });
  }

  readLog(
    pod: string,
    container: string,
    options: LogOptions,
    signal?: AbortSignal,
  ): Promise<AsyncIterable<Buffer>> {
    const query = new URLSearchParams({ container, timestamps: "true", follow: String(options.follow) });
    if (options.sinceTime !== undefined) query.set("sinceTime", options.sinceTime);
    const request = {
      method: "GET",
      path: apiPath(this.namespace, "pods", pod, { name: "log", query }),
    } as const;
    const asked = this.#asked("get", "pods/log", pod);
    return this.#tried(asked, signal, async () => {
      const connection = await this.#connections.current();
      const scope = { clock: this.#clock, timeoutMs: this.#timeoutMs, signal };
      const opened = await openStream(connection, request, scope).catch((error: unknown) => {
        throw networkFailure(error, hostOf(connection.server));
      });
      if ("status" in opened) throw statusFailure(opened, asked);
      return opened;
    });
  }

  async exec(
    pod: string,
    container: string,
    command: readonly string[],
    streams: ExecStreams,
    signal?: AbortSignal,
  ): Promise<ExecOutcome> {
    const asked = this.#asked("create", "pods/exec", pod);
    const target = { namespace: this.namespace, pod, container, command };
    const scope = { clock: this.#clock, logger: this.#logger, timeoutMs: this.#timeoutMs, signal };
    // Loaded when needed: the WebSocket library has no part in most runs that end early.
    const { execInPod } = await import("../exec/exec.ts");
    // Only the upgrade is repeated: once it is through, the command may have run.
    return execInPod(target, streams, scope, (attempt) =>
      this.#tried(asked, signal, async () => attempt(await this.#connections.current())),
    );
  }

  async #ownObject<R extends Resource>(resource: R, name: string, nonce: string, signal?: AbortSignal) {
    const found = await this.get(resource, name, signal);
    return found?.metadata?.annotations?.[NONCE] === nonce ? found : undefined;
  }

  #asked(verb: Asked["verb"], resource: string, name?: string): Asked {
    return { verb, resource, namespace: this.namespace, ...(name === undefined ? {} : { name }) };
  }

  async #tried<T>(
    asked: Asked,
    signal: AbortSignal | undefined,
    attempt: (tries: number) => Promise<T>,
  ): Promise<T> {
    const scope = {
      clock: this.#clock,
      logger: this.#logger,
      signal,
      budgetMs: this.#budgetMs,
      what: `${asked.verb} ${asked.resource} ${asked.name ?? ""}`.trim(),
      reauthenticate: () => this.#connections.reload(),
      onOutage: (reason: string) => this.#tellOutage(reason),
    };
    const result = await withRetries(scope, attempt);
    this.#outageTold = false;
    return result;
  }

  #tellOutage(reason: string): void {
    if (this.#outageTold) return;
    this.#outageTold = true;
    this.#logger.warn(`Waiting for the cluster: ${reason}`);
  }

  async #send(request: ApiRequest, signal: AbortSignal | undefined): Promise<ApiAnswer> {
    const connection = await this.#connections.current();
    try {
      return await sendOnce(connection, request, { clock: this.#clock, timeoutMs: this.#timeoutMs, signal });
    } catch (error) {
      throw networkFailure(error, hostOf(connection.server));
    }
  }
}
