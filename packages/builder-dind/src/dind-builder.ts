import { join } from "node:path";
import {
  BuildError,
  type BuilderHost,
  type BuildRequest,
  type BuildSession,
  type BuiltImage,
  dropIdleFlags,
  type ImageBuilder,
  isBuildError,
  readDockerfile,
} from "@slipway/core";
import { buildPodsOf } from "@slipway/kube";
import { withBuiltinFrontend } from "./builtin-frontend.ts";
import { classifyFailure } from "./classify-failure.ts";
import type { DindConfig } from "./config.ts";
import { dockerClient } from "./docker-client.ts";
import { dockerDaemon } from "./docker-daemon.ts";
import { isBuildkitLine } from "./output-lines.ts";
import { plainModes } from "./plain-modes.ts";

/** Builds with a Docker daemon of its own in a privileged container. */
export class DindBuilder implements ImageBuilder {
  readonly #config: DindConfig;
  readonly #host: BuilderHost;

  constructor(config: DindConfig, host: BuilderHost) {
    this.#config = config;
    this.#host = host;
  }

  async build(request: BuildRequest, session: BuildSession): Promise<BuiltImage> {
    const config = this.#config;
    const pods = buildPodsOf(this.#host);
    const { path } = request.context;
    const { text } = await readDockerfile(join(path, request.dockerfile), { allowedRoots: [path] });
    // An older frontend does not know every flag, also where it would change nothing.
    const dockerfile = plainModes(dropIdleFlags(withBuiltinFrontend(text) ?? text), request, config);
    this.#host.logger.debug(`building with Docker of ${config.image}`);
    const build = {
      builder: "dind",
      container: dockerClient(config, request),
      daemon: dockerDaemon(config, this.#host.trust),
      ...(dockerfile === text ? {} : { dockerfile }),
      isNotable: isBuildkitLine,
      classify: (failure: Parameters<typeof classifyFailure>[0]) => classifyFailure(failure, config),
    };
    return pods.run(build, request, session).catch((error: unknown) => {
      throw refusedByPodSecurity(error) ?? error;
    });
  }
}

/** What every builder is told of Pod Security is to use `baseline`, which this one does not fit. */
function refusedByPodSecurity(error: unknown): BuildError | undefined {
  if (!isBuildError(error) || error.code !== "POLICY_DENIED") return undefined;
  const level = /violates PodSecurity "([^":]+)/.exec(error.message)?.[1];
  if (level === undefined) return undefined;
  return new BuildError(
    "POLICY_DENIED",
    `The namespace enforces Pod Security "${level}", which forbids the privileged container of the builder dind`,
    {
      remedy:
        "Use kaniko, which needs no privileges, or have the administrator label the namespace pod-security.kubernetes.io/enforce=privileged",
      details: error.details,
      cause: error,
    },
  );
}
