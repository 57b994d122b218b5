import { randomBytes } from "node:crypto";
import { mkdtemp, readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type BuildError,
  type BuilderPlugin,
  type BuildRequest,
  type BuildResult,
  type BuildSession,
  type Feature,
  type ImageBuilder,
  type Logger,
  type RegistryTrust,
  runBuild,
  toBuildError,
} from "@slipway/core";
import { BuildRecord } from "./build-record.ts";
import { type BuilderConfig, configFor } from "./builder-config.ts";
import { CaseFailure, NotApplicable } from "./case-failure.ts";
import { type ContextTexts, writeContext } from "./context-files.ts";
import type { Access, HostWish, KitHost } from "./kit-host.ts";
import type { RegistryView } from "./registry-view.ts";

/** What a builder of a case is made for; what everybody has when left out. */
export interface BuilderWish {
  readonly access?: Access;
  readonly privateBase?: boolean;
  readonly trust?: RegistryTrust;
}

export interface BuildWish extends BuilderWish {
  readonly files: ContextTexts;
  /** For what texts cannot say: modes, links. */
  readonly prepare?: (folder: string) => Promise<unknown>;
  readonly request?: Partial<BuildRequest>;
  /** One that was made before; a new one when left out. */
  readonly builder?: ImageBuilder;
  readonly signal?: AbortSignal;
  /** Called for every event, as the build goes on. */
  readonly onEvent?: (event: Parameters<BuildSession["emit"]>[0]) => void;
  /** Blanked out by core. */
  readonly secrets?: readonly string[];
  /** Called with the folder of the context when the build has settled. */
  readonly afterwards?: (folder: string) => Promise<unknown>;
}

/** How a build ended, whichever way. */
export interface Ended {
  readonly destinations: readonly [string, ...string[]];
  readonly result?: BuildResult;
  readonly error?: BuildError;
  readonly record: BuildRecord;
}

export interface BenchOptions {
  readonly plugin: BuilderPlugin;
  readonly config: BuilderConfig;
  readonly host: KitHost;
  readonly registry: RegistryView;
  /** What the builder declares, configured as it is. */
  readonly features: readonly Feature[];
  /** Of this case alone. */
  readonly folder: string;
  readonly caseId: string;
  readonly logger: Logger;
  /** Aborts when the time of the case is over. */
  readonly signal: AbortSignal;
}

/** What a case works with: builders, builds and the registry, all of this case alone. */
export class Bench {
  readonly plugin: BuilderPlugin;
  readonly host: KitHost;
  readonly registry: RegistryView;
  readonly features: readonly Feature[];
  readonly owner = `kit-${randomBytes(5).toString("hex")}`;
  readonly signal: AbortSignal;
  readonly records: BuildRecord[] = [];
  /** References that must have no image, now and at the end of the run. */
  readonly absent = new Set<string>();
  readonly #options: BenchOptions;
  readonly #workDirs: string[] = [];
  #count = 0;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.plugin = options.plugin;
    this.host = options.host;
    this.registry = options.registry;
    this.features = options.features;
    this.signal = options.signal;
  }

  /** The image with `/bin/sh`. */
  get base(): string {
    const { shellBase } = this.host;
    if (shellBase === undefined) throw new NotApplicable("the host has no image with a shell");
    return shellBase;
  }

  /** A reference in a repository that nobody else has. */
  destination(tag = "1"): string {
    this.#count += 1;
    const name = this.#options.caseId.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    return `${this.host.registry.name}/conformance/${name}-${this.owner.slice(4)}-${this.#count}:${tag}`;
  }

  /** A builder with a work directory of its own. */
  async builder(wanted: BuilderWish = {}): Promise<ImageBuilder> {
    const wish = await this.#wish(wanted);
    const builderHost = await this.host.builderHost(wish);
    try {
      const config = this.plugin.parseConfig(configFor(this.#options.config, this.host, wish));
      return this.plugin.create(config, builderHost);
    } catch (error) {
      throw new CaseFailure(`expected a builder from create, found ${String(error)}`, "crash", error);
    }
  }

  async #wish({
    access = "right",
    privateBase = false,
    trust = this.host.trust,
  }: BuilderWish): Promise<HostWish> {
    const workDir = await mkdtemp(join(this.#options.folder, "work-"));
    this.#workDirs.push(workDir);
    return { access, privateBase, trust, owner: this.owner, workDir, logger: this.#options.logger };
  }

  /** Builds as users do, through core. Throws a CaseFailure that tells how the build failed. */
  async build(wish: BuildWish): Promise<Ended & { readonly result: BuildResult }> {
    const ended = await this.attempt(wish);
    if (ended.result !== undefined) return { ...ended, result: ended.result };
    throw unexpected(ended.error);
  }

  /** Builds as users do, and tells how it ended. */
  async attempt(wish: BuildWish): Promise<Ended> {
    const context = await this.context(wish.files);
    await wish.prepare?.(context);
    const builder = wish.builder ?? (await this.builder(wish));
    const request: BuildRequest = {
      context: { kind: "directory", path: context },
      dockerfile: "Dockerfile",
      destinations: [this.destination()],
      ...wish.request,
    };
    const ended = await this.#run(builder, request, wish);
    await wish.afterwards?.(context);
    return ended;
  }

  /** A folder with these files. */
  async context(files: ContextTexts): Promise<string> {
    const folder = await mkdtemp(join(this.#options.folder, "context-"));
    await writeContext(folder, files);
    return folder;
  }

  /** What is left in the work directories of all builders of this case. */
  async litter(): Promise<readonly string[]> {
    const found = await Promise.all(this.#workDirs.map((folder) => readdir(folder)));
    return found.flat();
  }

  async #run(builder: ImageBuilder, request: BuildRequest, wish: BuildWish): Promise<Ended> {
    const flood = new AbortController();
    const record = new BuildRecord(() => flood.abort(new Error("too much output")));
    this.records.push(record);
    const signals = [this.signal, flood.signal, ...(wish.signal === undefined ? [] : [wish.signal])];
    const ended = await runBuild({
      builder: settling(builder, record),
      features: this.features,
      request,
      owner: this.owner,
      signal: AbortSignal.any(signals),
      secrets: wish.secrets ?? [],
      onEvent: (event) => {
        record.see(event);
        wish.onEvent?.(event);
      },
      resolveDigest: (reference, signal) => this.registry.digest(reference, signal),
    }).then(
      (result) => ({ result }),
      (error: unknown) => ({ error: toBuildError(error) }),
    );
    if (record.flooded)
      throw new CaseFailure("expected an end of what the build prints, found none", "flood");
    return { destinations: request.destinations, record, ...ended };
  }
}

/** The builder's promise is the end of its events: core asks the registry after it. */
function settling(builder: ImageBuilder, record: BuildRecord): ImageBuilder {
  return {
    ...builder,
    build: async (request, session) => {
      try {
        return await builder.build(request, session);
      } finally {
        record.settle();
      }
    },
  };
}

/** A build that should have gone well, and did not. */
function unexpected(error: BuildError | undefined): Error {
  if (error === undefined) return new CaseFailure("expected an image, found no end of the build");
  const told = `expected an image, found ${error.code}: ${error.message}`;
  if (error.code === "RESULT_UNVERIFIED") return new CaseFailure(told, "foreign-digest", error);
  if (error.code === "INTERNAL") return new CaseFailure(told, "crash", error);
  // Of the cluster, not of the builder.
  if (["CLUSTER_UNAVAILABLE", "UNSCHEDULABLE", "POD_LOST"].includes(error.code)) return error;
  return new CaseFailure(told, "fail", error);
}
