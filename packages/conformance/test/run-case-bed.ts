import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BuildRequest,
  type BuildSession,
  type BuiltImage,
  type Digest,
  parseReference,
} from "@slipway/core";
import { resolveDigest } from "@slipway/registry";
import { openRegistryImage } from "@slipway/registry/image";
import { MemoryRegistry, makeImage, type TestImageRecipe } from "@slipway/registry/testing";
import type { CorpusCase } from "../src/corpus/corpus-case.ts";
import { caseDestination } from "../src/run/case-destination.ts";
import type { BuilderUnderTest, CaseHost } from "../src/run/case-host.ts";
import type { CaseResult } from "../src/run/case-result.ts";
import { imageInspector } from "../src/run/image-inspector.ts";
import { type RunCaseOptions, runCase } from "../src/run/run-case.ts";

/** What the case wants, and a sound builder makes. */
export const RIGHT: TestImageRecipe = {
  layers: [[{ name: "file", content: "hello\n" }]],
  config: { config: { User: "app" } },
};

/** The same without what USER asks for. */
export const WITHOUT_USER: TestImageRecipe = { ...RIGHT, config: { config: {} } };

export type Build = (request: BuildRequest, session: BuildSession) => Promise<BuiltImage>;

/** One case, a registry on a real socket, and builders made for a test. */
export class RunCaseBed {
  readonly registry: MemoryRegistry;
  readonly #folder: string;

  private constructor(registry: MemoryRegistry, folder: string) {
    this.registry = registry;
    this.#folder = folder;
  }

  static async start(): Promise<RunCaseBed> {
    const folder = await mkdtemp(join(tmpdir(), "run-case-"));
    await mkdir(join(folder, "context"));
    await writeFile(join(folder, "context/file"), "hello\n");
    await writeFile(join(folder, "Dockerfile"), "FROM scratch\nCOPY file /file\nUSER app\n");
    return new RunCaseBed(await MemoryRegistry.start(), folder);
  }

  async stop(): Promise<void> {
    await this.registry.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  dockerfile(text: string): Promise<void> {
    return writeFile(join(this.#folder, "Dockerfile"), text);
  }

  case(changes: Partial<CorpusCase> = {}): CorpusCase {
    return {
      id: "keeps-user",
      group: "metadata",
      title: "USER is kept",
      spec: "https://docs.docker.com/reference/dockerfile/#user",
      base: "scratch",
      features: [],
      build: { dockerfile: "Dockerfile" },
      recipe: [],
      expect: { config: { User: "app" }, files: { "/file": { text: "hello\n" } } },
      folder: this.#folder,
      ...changes,
    };
  }

  /** Puts an image into the registry as a builder that pushes does. */
  push(destination: string, recipe: TestImageRecipe): Digest {
    const { repository, tag } = parseReference(destination);
    const { manifest, blobs } = makeImage(recipe);
    for (const bytes of blobs.values()) this.registry.store.addBlob(repository, bytes);
    return this.registry.store.addManifest(
      repository,
      tag,
      JSON.parse(manifest.bytes.toString()) as object,
      manifest.mediaType,
    );
  }

  /** Builds nothing: pushes the image of a recipe. */
  pushing(recipe: TestImageRecipe): Build {
    return async ({ destinations: [destination] }) => ({ digest: this.push(destination, recipe) });
  }

  run(
    build: Build,
    setup: {
      readonly item?: CorpusCase;
      readonly builder?: Partial<BuilderUnderTest>;
      readonly host?: Partial<CaseHost>;
      readonly options?: Partial<RunCaseOptions>;
    } = {},
  ): Promise<CaseResult> {
    const target = { id: "made-up", features: [], create: () => ({ build }), ...setup.builder };
    const host = { ...this.host(), ...setup.host };
    const options = { signal: new AbortController().signal, ...setup.options };
    return runCase(setup.item ?? this.case(), target, host, options);
  }

  host(): CaseHost {
    const options = { trust: { plainHttp: [this.registry.host] }, maxAttempts: 1 };
    const { findings } = imageInspector({ open: (reference) => openRegistryImage(reference, options) });
    return {
      registry: {
        destination: (item, builder) => caseDestination(this.registry.host, item, builder),
        resolveDigest: (reference) => resolveDigest(reference, options),
        tags: async (destination) => [
          ...(this.registry.store.repositories.get(parseReference(destination).repository)?.tags.keys() ??
            []),
        ],
        inspect: findings,
      },
      values: {},
      secrets: ["s3cr3t-word"],
    };
  }
}
