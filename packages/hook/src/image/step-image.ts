import { randomBytes } from "node:crypto";
import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  BuildError,
  type BuildEvent,
  type BuildRequest,
  contextFiles,
  contextFingerprint,
  type Digest,
  type Feature,
  type ImageBuilder,
  type ImageFacts,
  type Logger,
  readDockerfile,
  repositoryName,
  runBuild,
} from "@slipway/core";
import type { KubeApi } from "@slipway/kube";
import { readImageFacts, resolveDigest } from "@slipway/registry";
import { buildersWith } from "../builders/builtins.ts";
import type { StepOutput } from "../output/step-output.ts";
import { inertLine } from "../output/workflow-commands.ts";
import type { RememberedImage } from "../protocol/hook-response.ts";
import type { HookSettings, RegistrySettings } from "../settings.ts";
import { openBuildFence } from "./build-fence.ts";
import { type RegistryAccess, readRegistrySecret } from "./registry-secret.ts";

/** An image that a step can run. */
export interface StepImage {
  readonly reference: string;
  readonly imagePullSecrets: readonly string[];
  /** What later calls of the job can use again. */
  readonly remember: Readonly<Record<string, RememberedImage>>;
}

export interface StepImageOptions {
  readonly known: Readonly<Record<string, RememberedImage>>;
  /** The step names no program: the image must. */
  readonly needsCommand: boolean;
}

export interface StepImageServices {
  readonly api: KubeApi;
  readonly settings: HookSettings;
  /** ADR 0034's settings, read when a Dockerfile needs them. */
  readonly registry: () => RegistrySettings;
  readonly builder: ImageBuilder;
  readonly features: readonly Feature[];
  readonly logger: Logger;
  readonly output: StepOutput;
  readonly signal: AbortSignal;
}

interface Source {
  /** The context: absolute, links resolved. */
  readonly path: string;
  /** Name of the Dockerfile in it. */
  readonly dockerfile: string;
  readonly fingerprint: string;
}

/** Turns Dockerfiles into images that nodes can pull; a second time in the same job without building. */
export class StepImages {
  readonly #services: StepImageServices;

  constructor(services: StepImageServices) {
    this.#services = services;
  }

  /** Rejects with the first thing that is wrong; all that can be known without a pod is told before one is made. */
  async provide(dockerfile: string, options: StepImageOptions): Promise<StepImage> {
    const { settings } = this.#services;
    const registry = this.#services.registry();
    const source = await sourceOf(dockerfile, settings.actionRoots);
    const repository = repositoryName(settings.workspaceName);
    const image = options.known[source.fingerprint] ?? (await this.#build(source, repository, registry));
    if (options.needsCommand && !image.hasCommand) throw nothingToRun(dockerfile);
    return {
      reference: `${registry.pull}/${repository}@${image.digest}`,
      imagePullSecrets: registry.secretName === undefined ? [] : [registry.secretName],
      remember: { [source.fingerprint]: image },
    };
  }

  async #build(source: Source, repository: string, registry: RegistrySettings): Promise<RememberedImage> {
    const { api, logger, output, signal } = this.#services;
    const access = await readRegistrySecret(api, registry, logger, signal);
    await output.mask(access.secrets);
    const destination = `${registry.push}/${repository}:${randomBytes(16).toString("hex")}`;
    const request: BuildRequest = {
      context: { kind: "directory", path: source.path },
      dockerfile: source.dockerfile,
      destinations: [destination],
    };
    const { digest, facts } = await this.#runBuild(request, access);
    const known = facts ?? (await this.#readFacts(destination, digest, access));
    // Nobody could look into the image: the node will say what is wrong with it.
    return { digest, hasCommand: known === undefined || known.entrypoint.length + known.cmd.length > 0 };
  }

  async #runBuild(request: BuildRequest, access: RegistryAccess) {
    const { builder, features, output, settings, signal } = this.#services;
    const fence = await openBuildFence(output, `Building ${join(request.context.path, request.dockerfile)}`);
    let lastPrinted: Promise<void> | undefined;
    const timeout = AbortSignal.timeout(settings.buildTimeoutSeconds * 1000);
    try {
      return await runBuild({
        builder,
        features,
        request,
        owner: settings.runnerPod,
        signal: AbortSignal.any([signal, timeout]),
        secrets: access.secrets,
        othersWith: buildersWith,
        resolveDigest: (reference, abort) => this.#resolve(reference, access, abort),
        onEvent: (event) => {
          const text = textOf(event);
          if (text !== undefined) lastPrinted = fence.print(text);
        },
      });
    } catch (error) {
      throw timeout.aborted && !signal.aborted ? tookTooLong(settings.buildTimeoutSeconds, error) : error;
    } finally {
      await lastPrinted;
      await fence.close();
    }
  }

  async #resolve(reference: string, { canLookUp, keychain }: RegistryAccess, signal: AbortSignal) {
    if (!canLookUp) return "unreachable";
    return resolveDigest(reference, { trust: this.#services.settings.trust, keychain, signal });
  }

  async #readFacts(
    destination: string,
    digest: Digest,
    access: RegistryAccess,
  ): Promise<ImageFacts | undefined> {
    const { logger, settings, signal } = this.#services;
    if (!access.canLookUp) return undefined;
    try {
      const reference = `${destination.slice(0, destination.lastIndexOf(":"))}@${digest}`;
      return await readImageFacts(reference, { trust: settings.trust, keychain: access.keychain, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      logger.debug(`The config of the built image could not be read: ${String(error)}`);
      return undefined;
    }
  }
}

/** The context is the folder that the Dockerfile's path names, as for `docker build` on a runner without hooks. */
async function sourceOf(path: string, allowedRoots: readonly string[]): Promise<Source> {
  await readDockerfile(path, { allowedRoots });
  const context = await realpath(dirname(path));
  const dockerfile = basename(path);
  const { include } = await contextFiles(context, dockerfile);
  const fingerprint = await contextFingerprint(context, dockerfile, include);
  return { path: context, dockerfile, fingerprint };
}

function textOf(event: BuildEvent): string | undefined {
  if (event.type === "log") return event.line;
  return event.type === "notice" ? inertLine(event.message) : undefined;
}

function tookTooLong(seconds: number, cause: unknown): BuildError {
  return new BuildError("TIMED_OUT", `The build took longer than ${seconds} s`, {
    remedy: "Make the build smaller, or raise SLIPWAY_BUILD_TIMEOUT_SECONDS",
    cause,
  });
}

function nothingToRun(dockerfile: string): BuildError {
  return new BuildError(
    "INVALID_REQUEST",
    `The image of ${dockerfile} has neither ENTRYPOINT nor CMD, and the action names no program`,
    {
      remedy: "Add ENTRYPOINT to the Dockerfile, or `entrypoint:` to action.yml",
    },
  );
}
