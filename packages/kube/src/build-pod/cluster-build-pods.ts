import type { V1Pod } from "@kubernetes/client-node";
import {
  BuildError,
  type BuildRequest,
  type BuildSession,
  type BuiltImage,
  type Clock,
  cancellation,
  isBuildError,
  systemClock,
} from "@slipway/core";
import { containerEnd } from "../container-state.ts";
import type { KubeApi } from "../kube-api.ts";
import { followLog } from "../log/follow-log.ts";
import { podFailure } from "../pod-failure.ts";
import { because } from "../pod-failure-text.ts";
import { waitForPod } from "../wait-for-pod.ts";
import { BuildPodRun } from "./build-pod-run.ts";
import type { BuildPodSettings } from "./build-pod-settings.ts";
import { buildPodSpec, probePodSpec } from "./build-pod-spec.ts";
import { CONTAINERS } from "./container-shape.ts";
import type { BuildPods, LayoutBuild, LayoutContainer } from "./layout-build.ts";
import { podNameFor, withPod } from "./pod-lifetime.ts";
import { TailLines } from "./tail-lines.ts";

export interface BuildPodsOptions {
  readonly api: KubeApi;
  readonly settings: BuildPodSettings;
  readonly clock?: Clock;
}

/** Builds and pushes can be repeated; a pod that the cluster lost is replaced this often before it is the user's problem. */
const REPLACEMENTS = 2;
/** For pulling the builder's image and asking it; a program that does not know the question may never end. */
const PROBE_SECONDS = 600;

/** The build pods of one namespace. */
export function createBuildPods(options: BuildPodsOptions): BuildPods {
  return new ClusterBuildPods(options);
}

class ClusterBuildPods implements BuildPods {
  readonly #options: BuildPodsOptions;

  constructor(options: BuildPodsOptions) {
    this.#options = options;
  }

  async run(build: LayoutBuild, request: BuildRequest, session: BuildSession): Promise<BuiltImage> {
    const { settings } = this.#options;
    session.emit({ type: "phase", phase: "prepare" });
    return this.#replacing(session, async () => {
      const spec = buildPodSpec(this.#name("build"), build, request, settings);
      const options = { ...this.#options, build, request, session };
      return this.#withPod(spec, session, (pod) => new BuildPodRun(pod, options).run());
    });
  }

  async probe(builder: string, container: LayoutContainer, session: BuildSession): Promise<string> {
    const spec = probePodSpec(this.#name("probe"), builder, container, this.#options.settings);
    return this.#replacing(session, () =>
      this.#withPod(spec, session, (pod) => this.#probe(pod, container, session)),
    );
  }

  async #probe(pod: V1Pod, container: LayoutContainer, session: BuildSession): Promise<string> {
    const { api, clock = systemClock } = this.#options;
    const name = pod.metadata?.name ?? "";
    const printed = new TailLines(() => false);
    const { unschedulableSeconds = 600 } = this.#options.settings.limits;
    const ended = await waitForPod(api, name, {
      until: (seen) => containerEnd(seen, CONTAINERS.build) !== undefined,
      failureOf: (seen, waitedSeconds) => podFailure(seen, { waitedSeconds, unschedulableSeconds }),
      timeoutMs: (unschedulableSeconds + PROBE_SECONDS) * 1000,
      signal: session.signal,
      onNotice: (message) => session.emit({ type: "notice", message }),
      clock,
    });
    await followLog(api, name, CONTAINERS.build, {
      onLine: (line) => printed.add(line),
      signal: session.signal,
      clock,
    });
    const code = containerEnd(ended, CONTAINERS.build)?.exitCode;
    if (code === 0) return printed.lines.join("\n");
    throw new BuildError(
      "INVALID_CONFIG",
      `Image ${container.image} does not answer to ${container.args.join(" ")}: it ended with exit code ${code}${because(printed.lines.at(0))}`,
      {
        remedy:
          "Check the image that is set for the builder, or tell its version in the builder's configuration",
      },
    );
  }

  #name(purpose: string): string {
    return podNameFor(this.#options.settings.owner.runnerPod, purpose);
  }

  #withPod<T>(spec: V1Pod, session: BuildSession, use: (pod: V1Pod) => Promise<T>): Promise<T> {
    const onNotice = (message: string) => session.emit({ type: "notice", message });
    return withPod(this.#options.api, spec, { ...this.#options, signal: session.signal, onNotice }, use);
  }

  async #replacing<T>(session: BuildSession, attempt: () => Promise<T>): Promise<T> {
    for (let replaced = 0; ; replaced += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (session.signal.aborted) throw cancellation(session.signal);
        if (replaced === REPLACEMENTS || !isLost(error)) throw error;
        session.emit({ type: "notice", message: `${error.message}; starting again in a new pod` });
      }
    }
  }
}

function isLost(error: unknown): error is BuildError {
  return isBuildError(error) && (error.code === "POD_LOST" || error.code === "BUILDER_UNAVAILABLE");
}
