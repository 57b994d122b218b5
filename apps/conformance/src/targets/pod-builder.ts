import { tmpdir } from "node:os";
import type { BuilderUnderTest } from "@slipway/conformance";
import { type BuilderPlugin, FEATURES, type Feature, type RegistryTrust } from "@slipway/core";
import { createBuildPods, DEFAULT_BUILD_POD_LIMITS, withBuildPods } from "@slipway/kube";
import type { Testbed } from "@slipway/testbed";
import type { BuilderRecord } from "../run-record.ts";
import { silentLogger } from "./silent-logger.ts";
import { type PodSecurity, REGISTRY_SECRET, type TestNamespace } from "./test-namespace.ts";

/** What a report calls a builder by. */
export type BuilderDescription = Pick<BuilderRecord, "id" | "implementation" | "version" | "image">;

/** A builder that a run can be asked for. */
export interface KnownTarget {
  /** What its pods need. */
  readonly podSecurity: PodSecurity;
  describe(testbed: Testbed): BuilderDescription;
  make(bed: PodBuilderBed): Target;
}

/** A builder of this run: how it is tested, and what the report says of it. */
export interface Target extends BuilderUnderTest {
  readonly record: BuilderRecord;
}

export interface PodBuilderOptions<Config> extends BuilderDescription {
  readonly plugin: BuilderPlugin<Config>;
  readonly config: Config;
  readonly isWarning?: (line: string) => boolean;
}

export interface PodBuilderBed {
  readonly testbed: Testbed;
  readonly namespace: TestNamespace;
  readonly agentSource: string;
  /** Seconds after which the cluster ends a build pod. */
  readonly deadlineSeconds: number;
  /** The gate lets everything pass, so that it is seen what the builder does with it. */
  readonly probe: boolean;
}

/** A builder that builds in pods of the test bed, with the settings of an operator. */
export function podBuilder<Config>(options: PodBuilderOptions<Config>, bed: PodBuilderBed): Target {
  const { plugin, config, id, implementation, version, image, isWarning } = options;
  const declared = plugin.features(config);
  const { api } = bed.namespace;
  const trust = { plainHttp: [bed.testbed.pushHost, bed.testbed.mirrorHost] };
  return {
    id,
    features: bed.probe ? (Object.keys(FEATURES) as Feature[]) : declared,
    create: (owner) => plugin.create(config, hostFor(owner, trust, bed)),
    ...(isWarning === undefined ? {} : { isWarning }),
    leftovers: async (owner, signal) => {
      const pods = await api.list("pods", `runner-pod=${owner}`, signal);
      const staying = pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
      return staying.map(({ metadata }) => `pod ${metadata?.name ?? "?"}`);
    },
    record: {
      id,
      implementation,
      version,
      image,
      profile: "default",
      features: declared,
    },
  };
}

function hostFor(owner: string, trust: RegistryTrust, bed: PodBuilderBed) {
  const { agentImage, agentNode } = bed.testbed;
  const pods = createBuildPods({
    api: bed.namespace.api,
    settings: {
      agent: { image: agentImage, node: agentNode, source: bed.agentSource, imagePullSecrets: [] },
      owner: { runnerPod: owner },
      registrySecret: REGISTRY_SECRET,
      trust,
      limits: {
        ...DEFAULT_BUILD_POD_LIMITS,
        deadlineSeconds: bed.deadlineSeconds,
        // There is one node, and whether it takes a pod is known at once.
        unschedulableSeconds: 20,
      },
    },
  });
  return withBuildPods({ logger: silentLogger, trust, workDir: tmpdir() }, pods);
}
