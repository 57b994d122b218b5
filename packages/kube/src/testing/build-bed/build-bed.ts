import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { KubeConfig } from "@kubernetes/client-node";
import {
  type BuildEvent,
  type BuilderHost,
  type BuilderPlugin,
  type BuildRequest,
  type BuildResult,
  type RegistryTrust,
  runBuild,
} from "@slipway/core";
import {
  loadTestbed,
  makeTestNamespace,
  type PodSecurity,
  type Testbed,
  type TestNamespace,
} from "@slipway/testbed";
import { type BuildPodLimits, DEFAULT_BUILD_POD_LIMITS } from "../../build-pod/build-pod-settings.ts";
import { createBuildPods } from "../../build-pod/cluster-build-pods.ts";
import { withBuildPods } from "../../build-pod/host-build-pods.ts";
import { createKubeApi } from "../../client/client-kube-api.ts";
import { silentLogger } from "../api-client.ts";
import { BuiltImages } from "./built-images.ts";

/** Names of Secrets in the bed's namespace: one for pushing, one for pulling base images. */
export const PUSH_SECRET = "push-secret";
export const PULL_SECRET = "pull-secret";

const AGENT_BUNDLER = join(import.meta.dirname, "../../../../agent/scripts/bundle.mjs");

/** The builder that is tested. */
export interface BedBuilder {
  readonly plugin: BuilderPlugin;
  /** Its configuration on this test bed. */
  readonly config: (testbed: Testbed) => object;
  /** What its pods need. */
  readonly podSecurity: PodSecurity;
}

export interface BuildOptions {
  /** Texts by path; the Dockerfile is one of them. */
  readonly files: Readonly<Record<string, string>>;
  /** For what texts cannot say: modes, links, empty folders. */
  readonly prepare?: (folder: string) => Promise<unknown>;
  readonly request?: Partial<BuildRequest>;
  /** Changes to the builder's configuration. */
  readonly config?: object;
  /** Certificates to trust. */
  readonly ca?: string;
  /** The Secret for pushing; none when null. */
  readonly secret?: string | null;
  readonly limits?: Partial<BuildPodLimits>;
  /** Longest time, in milliseconds, for what may pass, such as a quota that is used up. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: BuildEvent) => void;
}

export interface PodsOptions extends Pick<BuildOptions, "secret" | "limits" | "patienceMs"> {
  readonly owner: string;
}

export interface Built extends BuildResult {
  readonly log: string;
}

/** Everything that builds in pods need: a namespace of its own in the test bed, its Secrets, and the parts put together. */
export class BuildBed {
  readonly testbed: Testbed;
  readonly images: BuiltImages;
  readonly #namespace: TestNamespace;
  readonly #builder: BedBuilder;
  readonly #agentSource: string;
  /** Registries that speak plain HTTP. */
  readonly plainHttp: string[];

  private constructor(builder: BedBuilder, testbed: Testbed, namespace: TestNamespace, agentSource: string) {
    this.testbed = testbed;
    this.#namespace = namespace;
    this.#builder = builder;
    this.#agentSource = agentSource;
    this.images = new BuiltImages(testbed);
    this.plainHttp = [testbed.pushHost, testbed.mirrorHost];
  }

  static async make(builder: BedBuilder): Promise<BuildBed> {
    const testbed = await loadTestbed();
    const { stdout } = await promisify(execFile)(process.execPath, [AGENT_BUNDLER, "-"]);
    const namespace = await makeTestNamespace(testbed, {
      prefix: `${builder.plugin.id}-tests`,
      podSecurity: builder.podSecurity,
      registrySecrets: [PUSH_SECRET, PULL_SECRET],
    });
    return new BuildBed(builder, testbed, namespace, stdout);
  }

  get namespace(): string {
    return this.#namespace.name;
  }

  remove(): Promise<void> {
    return this.#namespace.remove();
  }

  /** A destination that no other test has, in the registry that asks for a password. */
  destination(host = this.testbed.pushHost): string {
    return `${host}/${this.#owner}/${randomBytes(4).toString("hex")}:1`;
  }

  async build(options: BuildOptions): Promise<Built> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-build-"));
    try {
      await writeFiles(folder, options.files);
      await options.prepare?.(folder);
      return await this.#run(folder, options);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** What builds have left in the cluster. */
  async leftovers(): Promise<string> {
    return this.kubectl("get", "pods", "-l", `runner-pod=${this.#owner}`, "-o", "name");
  }

  kubectl(...args: string[]): Promise<string> {
    return this.#namespace.kubectl(args);
  }

  async apply(...items: object[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    await this.#namespace.kubectl(["apply", "-f", "-"], { input: list });
  }

  async #run(folder: string, options: BuildOptions): Promise<Built> {
    const { images } = this;
    const trust = { plainHttp: this.plainHttp, ...(options.ca === undefined ? {} : { ca: options.ca }) };
    const { plugin, config: configOf } = this.#builder;
    const config = plugin.parseConfig({ ...configOf(this.testbed), ...options.config });
    const log: string[] = [];
    const result = await runBuild({
      builder: plugin.create(config, this.#host(trust, options)),
      features: plugin.features(config),
      request: {
        context: { kind: "directory", path: folder },
        dockerfile: "Dockerfile",
        destinations: [this.destination()],
        ...options.request,
      },
      owner: this.#owner,
      signal: options.signal ?? new AbortController().signal,
      secrets: [this.testbed.registryPassword],
      onEvent: (event) => {
        if (event.type === "log") log.push(event.line);
        options.onEvent?.(event);
      },
      resolveDigest: (reference, signal) => images.digest(reference, signal),
    });
    return { ...result, log: log.join("\n") };
  }

  get #owner(): string {
    return `${this.#builder.plugin.id}-tests`;
  }

  #host(trust: RegistryTrust, options: BuildOptions): BuilderHost {
    const host = { logger: silentLogger, trust, workDir: tmpdir() };
    return this.withPods(host, { owner: this.#owner, ...options });
  }

  /** A host whose builders build in pods of this bed, labelled `runner-pod` with their owner. */
  withPods(host: BuilderHost, { owner, secret = PUSH_SECRET, limits, patienceMs }: PodsOptions): BuilderHost {
    const { agentImage, agentNode } = this.testbed;
    const patience = patienceMs === undefined ? {} : { retryBudgetMs: patienceMs };
    const kubeconfig = new KubeConfig();
    kubeconfig.loadFromFile(this.testbed.kubeconfig);
    const pods = createBuildPods({
      api: createKubeApi({ namespace: this.namespace, logger: silentLogger, kubeconfig, ...patience }),
      settings: {
        agent: { image: agentImage, node: agentNode, source: this.#agentSource, imagePullSecrets: [] },
        owner: { runnerPod: owner },
        ...(secret === null ? {} : { registrySecret: secret }),
        trust: host.trust,
        limits: { ...DEFAULT_BUILD_POD_LIMITS, deadlineSeconds: 180, ...limits },
      },
    });
    return withBuildPods(host, pods);
  }
}

async function writeFiles(folder: string, files: BuildOptions["files"]): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
