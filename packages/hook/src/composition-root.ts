// What builds, put together: a program of its own in the bundle, since a step without a Dockerfile needs none of it.
import "reflect-metadata"; // tsyringe throws at import without it; keep import sorters away from this line
import { Writable } from "node:stream";
import { BuildError, type ImageBuilder, type Logger } from "@slipway/core";
import {
  type BuildPods,
  createBuildPods,
  DEFAULT_BUILD_POD_LIMITS,
  type KubeApi,
  withBuildPods,
} from "@slipway/kube";
import {
  container,
  type DependencyContainer,
  type InjectionToken,
  instancePerContainerCachingFactory as once,
} from "tsyringe";
import { createLogger, format, transports } from "winston";
import { configureBuilder } from "./builders/builder-config.ts";
import { loadBuilder } from "./builders/load-builder.ts";
import type { RunnerPod } from "./cluster/runner-pod.ts";
import { StepImages } from "./image/step-image.ts";
import { COMMANDS } from "./output/command-logger.ts";
import type { StepOutput } from "./output/step-output.ts";
import { workflowCommand } from "./output/workflow-commands.ts";
import type { HookSettings, LogLevel, RegistrySettings } from "./settings.ts";

// A function, not `const x: InjectionToken<T> = Symbol()`: the initialiser would narrow x to `symbol` and lose T.
const token = <T>(name: string): InjectionToken<T> => Symbol(name);

const services = {
  logger: token<Logger>("logger"),
  builder: token<ImageBuilder>("builder"),
  stepImages: token<StepImages>("stepImages"),
} as const;

export interface CompositionOptions {
  readonly settings: HookSettings;
  readonly registry: () => RegistrySettings;
  readonly output: StepOutput;
  readonly signal: AbortSignal;
  readonly importModule: (url: string) => Promise<unknown>;
  /** The builder's own folder. */
  readonly workDir: string;
  readonly api: KubeApi;
  readonly runner: RunnerPod;
}

/** The builder that SLIPWAY_BUILDER names. Rejects with INVALID_CONFIG where there is none, or it does not take its configuration. */
export async function composeBuilder(options: CompositionOptions): Promise<ImageBuilder> {
  return (await compose(options)).resolve(services.builder);
}

/** What turns Dockerfiles into images, with that builder. Rejects as composeBuilder does. */
export async function composeStepImages(options: CompositionOptions): Promise<StepImages> {
  return (await compose(options)).resolve(services.stepImages);
}

async function compose(options: CompositionOptions): Promise<DependencyContainer> {
  const { api, output, settings } = options;
  // Before the container: tsyringe resolves synchronously.
  const plugin = await loadBuilder(settings.builder, options);
  const { config, features } = configureBuilder(plugin, settings.builderConfig);
  const scope = container.createChildContainer(); // never register in the global container
  provide(scope, services.logger, () => createHookLogger(settings.logLevel, output));
  provide(scope, services.builder, (from) => {
    const logger = from.resolve(services.logger);
    const host = { logger, trust: settings.trust, workDir: options.workDir };
    const builder = plugin.create(config, withBuildPods(host, buildPods(options)));
    if (typeof (builder as Partial<ImageBuilder> | undefined)?.build === "function") return builder;
    throw new BuildError("INTERNAL", `The builder ${plugin.id} makes nothing that can build`, {
      remedy: "Report it to the author of the builder: create() has to return an object with build()",
    });
  });
  provide(scope, services.stepImages, (from) => {
    const [logger, builder] = [from.resolve(services.logger), from.resolve(services.builder)];
    return new StepImages({ ...options, api, logger, builder, features });
  });
  return scope;
}

function buildPods({ api, registry, runner, settings }: CompositionOptions): BuildPods {
  const { secretName } = registry();
  return createBuildPods({
    api,
    settings: {
      ...runner,
      ...(secretName === undefined ? {} : { registrySecret: secretName }),
      trust: settings.trust,
      limits: {
        ...DEFAULT_BUILD_POD_LIMITS,
        contextBytes: settings.maxContextBytes,
        contextEntries: settings.maxContextEntries,
        imageBytes: settings.maxImageBytes,
        deadlineSeconds: settings.buildTimeoutSeconds,
        unschedulableSeconds: settings.podTimeoutMs / 1000,
      },
      settingNames: {
        deadline: "SLIPWAY_BUILD_TIMEOUT_SECONDS",
        storage: "SLIPWAY_MAX_IMAGE_BYTES",
        context: { maxBytes: "SLIPWAY_MAX_CONTEXT_BYTES", maxEntries: "SLIPWAY_MAX_CONTEXT_ENTRIES" },
      },
    },
  });
}

// A lifecycle on a factory provider throws in tsyringe, hence `once`.
function provide<T>(
  scope: DependencyContainer,
  key: InjectionToken<T>,
  make: (from: DependencyContainer) => T,
): void {
  scope.register(key, { useFactory: once(make) });
}

/** Its lines never cut one of a step. */
function createHookLogger(level: LogLevel, output: StepOutput): Logger {
  const stream = new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => void output.between(line.replace(/\n$/, "")).then(() => done()),
  });
  const line = format.printf(({ level: of, message }) =>
    workflowCommand(COMMANDS[of as LogLevel], String(message)),
  );
  return createLogger({ level, format: line, transports: [new transports.Stream({ stream })] });
}
