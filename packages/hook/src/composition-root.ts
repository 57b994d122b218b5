import "reflect-metadata"; // tsyringe throws at import without it; keep import sorters away from this line
import { Writable } from "node:stream";
import { BuildError, type BuilderPlugin, type ImageBuilder, type Logger } from "@slipway/core";
import {
  type BuildPods,
  createBuildPods,
  createKubeApi,
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
import type { RunnerPod } from "./cluster/runner-pod.ts";
import { StepImages } from "./image/step-image.ts";
import { COMMANDS } from "./output/command-logger.ts";
import type { StepOutput } from "./output/step-output.ts";
import { workflowCommand } from "./output/workflow-commands.ts";
import type { HookSettings, LogLevel, RegistrySettings } from "./settings.ts";

// A function, not `const x: InjectionToken<T> = Symbol()`: the initialiser would narrow x to `symbol` and lose T.
const token = <T>(name: string): InjectionToken<T> => Symbol(name);

/** The parts of one call, made when they are first asked for. */
export type Scope = DependencyContainer;

/** What can be asked of the container, and replaced in it by a test. */
export const services = {
  logger: token<Logger>("logger"),
  kube: token<KubeApi>("kube"),
  runner: token<RunnerPod>("runner"),
  builder: token<ImageBuilder>("builder"),
  stepImages: token<StepImages>("stepImages"),
} as const;

export interface CompositionOptions {
  readonly namespace: string;
  readonly settings: HookSettings;
  readonly registry: () => RegistrySettings;
  readonly output: StepOutput;
  readonly signal: AbortSignal;
  /** The builder's own folder. */
  readonly workDir: string;
}

/** Everything that needs no builder. The last registration of a token wins. */
export function compose(options: CompositionOptions): Scope {
  const scope = container.createChildContainer(); // never register in the global container
  provide(scope, services.logger, () => createHookLogger(options.settings.logLevel, options.output));
  provide(scope, services.kube, (from) =>
    createKubeApi({ namespace: options.namespace, logger: from.resolve(services.logger) }),
  );
  return scope;
}

/** Adds what builds. `plugin` is loaded before: tsyringe resolves synchronously. Throws INVALID_CONFIG for a configuration it does not take. */
export function composeBuilder(scope: Scope, plugin: BuilderPlugin, options: CompositionOptions): void {
  const { settings } = options;
  const { config, features } = configureBuilder(plugin, settings.builderConfig);
  provide(scope, services.builder, (from) => {
    const host = { logger: from.resolve(services.logger), trust: settings.trust, workDir: options.workDir };
    const builder = plugin.create(config, withBuildPods(host, buildPods(from, options)));
    if (typeof (builder as Partial<ImageBuilder> | undefined)?.build === "function") return builder;
    throw new BuildError("INTERNAL", `The builder ${plugin.id} makes nothing that can build`, {
      remedy: "Report it to the author of the builder: create() has to return an object with build()",
    });
  });
  provide(
    scope,
    services.stepImages,
    (from) =>
      new StepImages({
        ...options,
        api: from.resolve(services.kube),
        logger: from.resolve(services.logger),
        builder: from.resolve(services.builder),
        features,
      }),
  );
}

function buildPods(from: DependencyContainer, { settings, registry }: CompositionOptions): BuildPods {
  const { secretName } = registry();
  return createBuildPods({
    api: from.resolve(services.kube),
    settings: {
      ...from.resolve(services.runner),
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
function provide<T>(scope: Scope, key: InjectionToken<T>, make: (from: DependencyContainer) => T): void {
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
