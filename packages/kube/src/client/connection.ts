import http from "node:http";
import https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { BuildError, type Clock } from "@slipway/core";

/** How to reach the API server now: rebuilt when credentials may have rotated. */
export interface Connection {
  /** Base of every path; may have a path of its own (Rancher and other front ends). */
  readonly server: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** `user:password`, for the few clusters that still use it. */
  readonly auth: string | undefined;
  readonly agent: http.Agent;
  /** Set where the agent is a proxy's and has to carry exec connections too. */
  readonly proxied: boolean;
  readonly tls: https.AgentOptions;
}

// What client-go does too: a projected token is read again every minute.
const CREDENTIAL_AGE_MS = 60_000;

/** Keeps one connection pool to the API server and its credentials fresh. */
export class Connections {
  readonly #clock: Clock;
  #config: KubeConfig | undefined;
  #current: Promise<Connection> | undefined;
  #builtAt = 0;
  #agent: { readonly key: string; readonly agent: http.Agent } | undefined;

  constructor(config: KubeConfig | undefined, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  /** Throws INVALID_CONFIG when there is no cluster, or its credentials cannot be had. */
  current(): Promise<Connection> {
    if (this.#current === undefined || this.#clock.now() - this.#builtAt > CREDENTIAL_AGE_MS) {
      this.#builtAt = this.#clock.now();
      this.#current = this.#build();
      this.#current.catch(() => {
        this.#current = undefined;
      });
    }
    return this.#current;
  }

  /** Forgets every cached credential: the server said 401. */
  async reload(): Promise<void> {
    const { freshCopy } = await import("./load-kube-config.ts");
    if (this.#config !== undefined) this.#config = freshCopy(this.#config);
    this.#current = undefined;
  }

  async #build(): Promise<Connection> {
    this.#config ??= await defaultConfig();
    const server = serverOf(this.#config);
    const options = await appliedOptions(this.#config);
    const tls = tlsOptionsOf(options);
    const proxied = this.#config.getCurrentCluster()?.proxyUrl !== undefined;
    const agent = this.#agentFor(server, tls, proxied ? options.agent : undefined);
    return {
      server,
      headers: (options.headers ?? {}) as Record<string, string>,
      auth: options.auth ?? undefined,
      agent,
      proxied,
      tls,
    };
  }

  #agentFor(server: URL, tls: https.AgentOptions, proxy: unknown): http.Agent {
    const key = JSON.stringify(tls, (_name, value: unknown) =>
      Buffer.isBuffer(value) ? value.toString("base64") : value,
    );
    if (this.#agent?.key === key) return this.#agent.agent;
    const kept = { ...tls, keepAlive: true, keepAliveMsecs: 15_000, maxFreeSockets: 4 };
    const own = () => (server.protocol === "http:" ? new http.Agent(kept) : new https.Agent(kept));
    const agent = (proxy as http.Agent | undefined) ?? own();
    this.#agent = { key, agent };
    return agent;
  }
}

async function defaultConfig(): Promise<KubeConfig> {
  const { loadKubeConfig } = await import("./load-kube-config.ts");
  try {
    return loadKubeConfig();
  } catch (error) {
    throw new BuildError("INVALID_CONFIG", `the kubeconfig cannot be read: ${textOf(error)}`, {
      remedy: "Let KUBECONFIG name a readable file, or unset it in a pod that has a service account",
      cause: error,
    });
  }
}

function serverOf(config: KubeConfig): URL {
  const cluster = config.getCurrentCluster();
  const unset = cluster === null || cluster.server === "http://localhost:8080";
  if (!unset && URL.canParse(cluster.server)) return new URL(cluster.server);
  const problem = unset
    ? "no Kubernetes cluster is configured"
    : `the kubeconfig has no valid server address`;
  throw new BuildError("INVALID_CONFIG", problem, {
    remedy: "Run in a pod with a service account, or let KUBECONFIG name a file whose current context exists",
  });
}

async function appliedOptions(config: KubeConfig): Promise<https.RequestOptions> {
  const options: https.RequestOptions = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
    return options;
  } catch (error) {
    const user = config.getCurrentUser()?.name ?? "of the current context";
    throw new BuildError(
      "INVALID_CONFIG",
      `the Kubernetes credentials of user "${user}" cannot be had: ${textOf(error)}`,
      {
        remedy: "Check the token file, certificates or credential plugin that the kubeconfig names",
        cause: error,
      },
    );
  }
}

function tlsOptionsOf(options: https.RequestOptions): https.AgentOptions {
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  const set = Object.entries({ ca, cert, key, pfx, passphrase, servername, rejectUnauthorized });
  return Object.fromEntries(set.filter(([, value]) => value !== undefined)) as https.AgentOptions;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
