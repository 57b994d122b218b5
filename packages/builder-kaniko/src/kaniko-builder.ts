import { join } from "node:path";
import {
  assertSupported,
  type BuilderHost,
  type BuildRequest,
  type BuildSession,
  type BuiltImage,
  contextFiles,
  FEATURES,
  type Feature,
  type ImageBuilder,
  inspectDockerfile,
  readDockerfile,
  translateDockerfile,
} from "@slipway/core";
import { buildPodsOf, type LayoutBuild } from "@slipway/kube";
import { classifyFailure } from "./classify-failure.ts";
import { declaredVersion, type KanikoConfig } from "./config.ts";
import { kanikoContainer } from "./kaniko-args.ts";
import { nativeFeatures, TRANSLATED } from "./kaniko-releases.ts";
import { formatVersion, type KanikoVersion, versionFromAnswer } from "./kaniko-version.ts";
import { assertAttributesKept } from "./lost-attributes.ts";
import { adaptMetadata } from "./metadata/adapt-metadata.ts";
import { isExecutorLine } from "./output-lines.ts";
import { adaptCopies } from "./sources/adapt-copies.ts";
import { assertSourcesInside } from "./sources/inside-context.ts";

/** Builds with Kaniko in a pod without privileges. */
export class KanikoBuilder implements ImageBuilder {
  readonly #config: KanikoConfig;
  readonly #host: BuilderHost;
  #version: KanikoVersion | undefined;

  constructor(config: KanikoConfig, host: BuilderHost) {
    this.#config = config;
    this.#host = host;
    this.#version = declaredVersion(config);
  }

  async build(request: BuildRequest, session: BuildSession): Promise<BuiltImage> {
    const pods = buildPodsOf(this.#host);
    const { path } = request.context;
    const { text } = await readDockerfile(join(path, request.dockerfile), { allowedRoots: [path] });
    const version = await this.#versionOf(session);
    this.#host.logger.debug(`building with Kaniko ${formatVersion(version)} of ${this.#config.image}`);
    return pods.run(await this.#layoutBuild(request, text, version), request, session);
  }

  async #layoutBuild(request: BuildRequest, original: string, version: KanikoVersion): Promise<LayoutBuild> {
    const config = this.#config;
    const { buildArgs, context, dockerfile } = request;
    const { include } = await contextFiles(context.path, dockerfile);
    const translated = translateDockerfile(original, missingFeatures(version)).text;
    const text = adaptCopies(translated, { context: { folder: context.path, include }, buildArgs });
    const { needs, baseImages, outsideSources } = inspectDockerfile(text, request);
    // The gate before us let translatable features pass; here it shows which of them could not be translated.
    const untranslated = needs.filter(({ feature }) => TRANSLATED.includes(feature));
    assertSupported(untranslated, { features: nativeFeatures(version) });
    assertSourcesInside(outsideSources);
    assertAttributesKept(text, version);
    // After the checks: from here on lines may have other numbers.
    const final = adaptMetadata(text, request);
    return {
      builder: "kaniko",
      container: kanikoContainer({ version, config, trust: this.#host.trust, request }),
      ...(final === original ? {} : { dockerfile: final }),
      memorySetting: "resources.limits.memory in SLIPWAY_BUILDER_CONFIG",
      isNotable: isExecutorLine,
      classify: (failure) => classifyFailure(failure, { image: config.image, baseImages }),
    };
  }

  /** Asked once per builder, and only when neither configuration nor tag tell. */
  async #versionOf(session: BuildSession): Promise<KanikoVersion> {
    this.#version ??= await this.#probe(session);
    return this.#version;
  }

  async #probe(session: BuildSession): Promise<KanikoVersion> {
    const { image } = this.#config;
    const container = { image, args: ["version"], capabilities: [] };
    return versionFromAnswer(await buildPodsOf(this.#host).probe("kaniko", container, session), image);
  }
}

function missingFeatures(version: KanikoVersion): readonly Feature[] {
  const native = nativeFeatures(version);
  return (Object.keys(FEATURES) as Feature[]).filter((feature) => !native.includes(feature));
}
