import type { V1Pod } from "@kubernetes/client-node";
import {
  BuildError,
  type BuildRequest,
  type BuildSession,
  type BuiltImage,
  type Clock,
  systemClock,
} from "@slipway/core";
import type { TextSource, TreeSource } from "@slipway/filetree";
import { containerEnd, containerState } from "../container-state.ts";
import type { KubeApi } from "../kube-api.ts";
import { statusesOf } from "../pod-containers.ts";
import { podFailure } from "../pod-failure.ts";
import type { FailureContext } from "../pod-failure-context.ts";
import { sendTree } from "../tree/send-tree.ts";
import { waitForPod } from "../wait-for-pod.ts";
import type { BuildPodSettings } from "./build-pod-settings.ts";
import { buildSources } from "./build-sources.ts";
import { CONTAINERS, INPUT_FOLDER } from "./container-shape.ts";
import { STORAGE_VOLUME } from "./daemon-container.ts";
import { daemonFailure } from "./daemon-failure.ts";
import { followUntilEnd } from "./follow-until-end.ts";
import type { LayoutBuild } from "./layout-build.ts";
import { pushOutcome, terminationError } from "./push-outcome.ts";
import { TailLines } from "./tail-lines.ts";

export interface BuildPodRunOptions {
  readonly api: KubeApi;
  readonly settings: BuildPodSettings;
  readonly build: LayoutBuild;
  readonly request: BuildRequest;
  readonly session: BuildSession;
  readonly clock?: Clock;
}

interface WaitOptions {
  readonly signal?: AbortSignal;
  /** A pod that has been where it should be has not failed, whatever came after. */
  readonly reachedIsEnough?: boolean;
  /** While output shows that something goes on. */
  readonly quiet?: boolean;
}

/** One build in one pod that exists already: upload, build, push. */
export class BuildPodRun {
  readonly #options: BuildPodRunOptions;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #uid: string | undefined;
  readonly #tail: TailLines;

  constructor(pod: V1Pod, options: BuildPodRunOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#name = pod.metadata?.name ?? "";
    this.#uid = pod.metadata?.uid;
    this.#tail = new TailLines((line) => options.build.isNotable?.(line) === true);
  }

  async run(): Promise<BuiltImage> {
    await this.#upload();
    await this.#build();
    return this.#push();
  }

  async #upload(): Promise<void> {
    const { api, settings, session } = this.#options;
    const sources = await this.#sources();
    await this.#until((pod) => containerState(pod, CONTAINERS.receive)?.running !== undefined);
    session.emit({ type: "phase", phase: "upload" });
    const { contextBytes: maxBytes, contextEntries: maxEntries } = settings.limits;
    const names = settings.settingNames?.context;
    const limits = { maxBytes, maxEntries, ...(names === undefined ? {} : { settingNames: names }) };
    const options = { into: INPUT_FOLDER, node: settings.agent.node, limits, clock: this.#clock };
    const sent = await sendTree(api, this.#name, CONTAINERS.receive, sources, options, session.signal);
    session.emit({ type: "notice", message: `sent ${sent.entries} files and folders, ${sent.bytes} bytes` });
  }

  #sources(): Promise<readonly (TreeSource | TextSource)[]> {
    const { request, build, settings } = this.#options;
    return buildSources(request, build.dockerfile, settings.trust.ca);
  }

  async #build(): Promise<void> {
    const { api, session, build } = this.#options;
    // Begun is enough, even if it has failed by now: its output comes first.
    await this.#until((pod) => hasBegun(pod, CONTAINERS.build), { reachedIsEnough: true });
    session.emit({ type: "phase", phase: "build" });
    const end = await followUntilEnd(api, this.#name, CONTAINERS.build, {
      onLine: (line) => this.#logged(line),
      onNotice: (message) => session.emit({ type: "notice", message }),
      wait: (until, signal) => this.#until(until, { signal, quiet: true }),
      signal: session.signal,
      clock: this.#clock,
    });
    if (end.exitCode === 0) return;
    throw build.classify({ exitCode: end.exitCode, reason: end.reason ?? "", lines: this.#tail.lines });
  }

  #logged(bytes: Buffer): void {
    this.#tail.add(bytes);
    this.#options.session.emit({ type: "log", line: bytes.toString("utf8") });
  }

  async #push(): Promise<BuiltImage> {
    this.#options.session.emit({ type: "phase", phase: "push" });
    const pod = await this.#until((seen) => containerEnd(seen, CONTAINERS.push) !== undefined);
    const end = containerEnd(pod, CONTAINERS.push);
    if (end === undefined) throw new BuildError("INTERNAL", `Container ${CONTAINERS.push} has no end`);
    return pushOutcome(end);
  }

  /** Rejects with the cause when the pod cannot get there any more. */
  #until(until: (pod: V1Pod) => boolean, options: WaitOptions = {}): Promise<V1Pod> {
    const { signal, quiet = false, reachedIsEnough = false } = options;
    const { api, settings, session } = this.#options;
    return waitForPod(api, this.#name, {
      until,
      ...(this.#uid === undefined ? {} : { uid: this.#uid }),
      // The cluster's own deadline tells the cause; ours is for a cluster that does not keep it.
      timeoutMs: (settings.limits.deadlineSeconds + 60) * 1000,
      signal: signal ?? session.signal,
      onNotice: (message) => (quiet ? undefined : session.emit({ type: "notice", message })),
      failureOf: (pod, waitedSeconds) =>
        reachedIsEnough && until(pod) ? undefined : this.#failureOf(pod, waitedSeconds),
      clock: this.#clock,
    });
  }

  #failureOf(pod: V1Pod, waitedSeconds: number): BuildError | undefined {
    const { settings, build } = this.#options;
    const { unschedulableSeconds } = settings.limits;
    const failure = podFailure(pod, {
      waitedSeconds,
      ...(unschedulableSeconds === undefined ? {} : { unschedulableSeconds }),
      settings: { ...settings.settingNames, ...settingNamesOf(build) },
    });
    return failure ?? failedWhileDeleted(pod) ?? receiveFailed(pod) ?? daemonFailure(pod, build.daemon);
  }
}

/** Those of the builder, for the containers and volumes that it describes. */
function settingNamesOf({ memorySetting, daemon }: LayoutBuild): FailureContext["settings"] {
  const { memory, storage } = daemon?.settingNames ?? {};
  return {
    memory: {
      ...(memorySetting === undefined ? {} : { [CONTAINERS.build]: memorySetting }),
      ...(memory === undefined ? {} : { [CONTAINERS.daemon]: memory }),
    },
    ...(storage === undefined ? {} : { volumes: { [STORAGE_VOLUME]: storage } }),
  };
}

function hasBegun(pod: V1Pod, container: string): boolean {
  const state = containerState(pod, container);
  return state?.running !== undefined || state?.terminated !== undefined;
}

// Whoever deletes the pod ends its containers first: the exit code is that of the signal, and says nothing of the build.
function failedWhileDeleted(pod: V1Pod): BuildError | undefined {
  const failed = statusesOf(pod).some(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (pod.metadata?.deletionTimestamp === undefined || !failed) return undefined;
  return new BuildError("POD_LOST", `Pod ${pod.metadata.name} was deleted by someone else while it worked`, {
    remedy: "Look at the audit log or at controllers that delete pods in this namespace",
  });
}

function receiveFailed(pod: V1Pod): BuildError | undefined {
  const end = containerEnd(pod, CONTAINERS.receive);
  if (end === undefined || end.exitCode === 0) return undefined;
  const text = `Container ${CONTAINERS.receive} of the build pod ended with exit code ${end.exitCode}`;
  return (
    terminationError(end) ??
    new BuildError("INTERNAL", text, {
      remedy:
        "Check that the agent's image has Node 20 or newer at the path that is set, and read the container's log",
      details: { exitCode: end.exitCode },
    })
  );
}
