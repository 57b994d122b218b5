import { tmpdir } from "node:os";
import type { BuilderUnderTest } from "@slipway/conformance";
import { type BuilderPlugin, FEATURES, type Feature, type RegistryTrust } from "@slipway/core";
import { createBuildPods, DEFAULT_BUILD_POD_LIMITS, withBuildPods } from "@slipway/kube";
import type { PodSecurity, Testbed } from "@slipway/testbed";
import type { BuilderRecord } from "../run-record.ts";
import { patientClock } from "./patient-clock.ts";
import { silentLogger } from "./silent-logger.ts";
import { REGISTRY_SECRET, type TestNamespace } from "./test-namespace.ts";

/** A builder that a run can be asked for. */
export interface KnownTarget {
  /** What its pods need. */
  readonly podSecurity: PodSecurity;
  /** What a report says of it on this test bed. */
  record(testbed: Testbed): BuilderRecord;
  make(bed: PodBuilderBed): Target;
}

/** A builder of this run: how it is tested, and what the report says of it. */
export interface Target extends BuilderUnderTest {
  readonly record: BuilderRecord;
}

export interface PodBuilderOptions<Config> {
  readonly plugin: BuilderPlugin<Config>;
  readonly config: Config;
  readonly record: BuilderRecord;
  readonly isWarning: (line: string) => boolean;
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
  const { plugin, config, record, isWarning } = options;
  const { api } = bed.namespace;
  const trust = { plainHttp: [bed.testbed.pushHost, bed.testbed.mirrorHost] };
  return {
    id: record.id,
    record,
    isWarning,
    features: bed.probe ? (Object.keys(FEATURES) as Feature[]) : record.features,
    create: (owner) => plugin.create(config, hostFor(owner, trust, bed)),
    leftovers: async (owner, signal) => {
      const pods = await api.list("pods", `runner-pod=${owner}`, signal);
      const staying = pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
      return staying.map(({ metadata }) => `pod ${metadata?.name ?? "?"}`);
    },
  };
}

function hostFor(owner: string, trust: RegistryTrust, bed: PodBuilderBed) {
  const { agentImage, agentNode } = bed.testbed;
  const pods = createBuildPods({
    api: bed.namespace.api,
    clock: patientClock,
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
