import {
  type CaseHost,
  type ImageInspector,
  imageInspector,
  type SecondOpinions,
} from "@slipway/conformance";
import type { PodSecurity, Testbed } from "@slipway/testbed";
import type { ConformanceOptions } from "./options.ts";
import { agentSource } from "./targets/agent-source.ts";
import { builtImages } from "./targets/built-images.ts";
import { startFileServer } from "./targets/file-server.ts";
import { TARGETS } from "./targets/known-targets.ts";
import type { Target } from "./targets/pod-builder.ts";
import { podRunner } from "./targets/run-image.ts";
import { makeNamespace, type TestNamespace } from "./targets/test-namespace.ts";

/** Everything in the cluster that a run of the corpus needs. */
export interface ConformanceBed {
  /** The reference builder first. */
  readonly targets: readonly Target[];
  readonly host: CaseHost;
  /** Names; helpers and pods of builders are there. */
  readonly namespaces: readonly string[];
  readonly inspector: ImageInspector;
  /** Where they were asked for. */
  readonly secondOpinions?: SecondOpinions;
  close(): Promise<void>;
}

/** Longer than a build may take: the cluster then ends what we could not. */
const SPARE_SECONDS = 120;

/** Makes namespaces, helpers and builders. What was made is removed again when it fails. */
export async function openBed(testbed: Testbed, options: ConformanceOptions): Promise<ConformanceBed> {
  const namespaces = new Map<PodSecurity, TestNamespace>();
  const images = builtImages(testbed);
  const { builders: names } = options;
  const close = async () => {
    images.close();
    if (!options.keep) await Promise.all(Array.from(namespaces.values(), (one) => one.remove()));
  };
  try {
    // Images are run in the baseline one whoever built them.
    const levels = new Set<PodSecurity>(["baseline", ...names.map((name) => TARGETS[name].podSecurity)]);
    for (const level of levels) namespaces.set(level, await makeNamespace(testbed, level));
    const baseline = of(namespaces, "baseline");
    const source = await agentSource();
    const targets = names.map((name) =>
      TARGETS[name].make({
        testbed,
        namespace: of(namespaces, TARGETS[name].podSecurity),
        agentSource: source,
        deadlineSeconds: options.limitSeconds + SPARE_SECONDS,
        probe: options.probe,
      }),
    );
    const asked = options.secondOpinion ? { secondOpinions: { agreed: 0, unread: 0 } } : {};
    const inspector = imageInspector({ open: images.open, ...asked });
    const host: CaseHost = {
      registry: { ...images.registry, inspect: inspector.findings },
      runImage: podRunner(baseline, testbed.pullHost),
      values: { files: await startFileServer(baseline, testbed) },
      secrets: [testbed.registryPassword],
    };
    const made = Array.from(namespaces.values(), ({ name }) => name);
    return { targets, host, namespaces: made, inspector, close, ...asked };
  } catch (error) {
    await close();
    throw error;
  }
}

function of(namespaces: ReadonlyMap<PodSecurity, TestNamespace>, level: PodSecurity): TestNamespace {
  const found = namespaces.get(level);
  if (found === undefined) throw new Error(`no namespace ${level}`);
  return found;
}
