import { join } from "node:path";
import {
  type BuilderHost,
  type BuildRequest,
  type BuildSession,
  type BuiltImage,
  type ImageBuilder,
  readDockerfile,
} from "@slipway/core";
import { buildPodsOf, type LayoutBuild } from "@slipway/kube";
import { classifyFailure } from "./classify-failure.ts";
import { declaredVersion, type KanikoConfig } from "./config.ts";
import { dockerfileForKaniko } from "./dockerfile-for-kaniko.ts";
import { kanikoContainer } from "./kaniko-args.ts";
import { formatVersion, type KanikoVersion, versionFromAnswer } from "./kaniko-version.ts";
import { isExecutorLine } from "./output-lines.ts";
import { asksForPlatform, ownPlatform } from "./platform-args.ts";

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

  async build(asked: BuildRequest, session: BuildSession): Promise<BuiltImage> {
    const pods = buildPodsOf(this.#host);
    const { path } = asked.context;
    const { text } = await readDockerfile(join(path, asked.dockerfile), { allowedRoots: [path] });
    const request = withKnownPlatform(asked, text);
    const version = await this.#versionOf(session);
    this.#host.logger.debug(`building with Kaniko ${formatVersion(version)} of ${this.#config.image}`);
    return pods.run(await this.#layoutBuild(request, text, version), request, session);
  }

  async #layoutBuild(request: BuildRequest, original: string, version: KanikoVersion): Promise<LayoutBuild> {
    const config = this.#config;
    const { text, ...known } = await dockerfileForKaniko(original, request, version);
    return {
      builder: "kaniko",
      container: kanikoContainer({ version, config, trust: this.#host.trust, request }),
      ...(text === original ? {} : { dockerfile: text }),
      memorySetting: "resources.limits.memory in SLIPWAY_BUILDER_CONFIG",
      isNotable: isExecutorLine,
      classify: (failure) => classifyFailure(failure, { image: config.image, ...known }),
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

/** A Dockerfile that asks for its platform is built on one that is known, which the pod is bound to: this machine's is there. */
function withKnownPlatform(request: BuildRequest, dockerfile: string): BuildRequest {
  if (request.platform !== undefined || !asksForPlatform(dockerfile)) return request;
  return { ...request, platform: ownPlatform() };
}
