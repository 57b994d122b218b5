import type { V1ObjectMeta, V1PodSpec } from "@kubernetes/client-node";
import { OWNER_LABEL } from "../cluster/owned-metadata.ts";
import { type ExtensibleContainers, mergeContainers } from "./merge-containers.ts";
import { mergeSpec } from "./merge-spec.ts";
import type { PodTemplate, Warn } from "./pod-template.ts";

/** A pod, or the pod template of a Job. */
export interface PodShape {
  metadata?: V1ObjectMeta;
  spec?: V1PodSpec;
}

export interface TemplatedPod<P extends PodShape> {
  readonly pod: P;
  /** What was left out or overridden, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * The pod with the template in it; neither of the two is changed. Throws INVALID_CONFIG where they contradict each other.
 * docs/decisions/0009-template-merge.md has the rules, and in what they differ from the official hook's.
 */
export function applyTemplate<P extends PodShape>(
  pod: P,
  template: PodTemplate,
  names: ExtensibleContainers,
): TemplatedPod<P> {
  const warnings = [...template.warnings];
  const warn: Warn = (message) => void warnings.push(message);
  // Copies of both: what is merged must never be shared by two containers or two pods.
  const base = structuredClone(pod);
  const wanted = structuredClone(template);
  const spec: V1PodSpec = base.spec ?? { containers: [] };
  const merged = {
    ...base,
    metadata: mergeMetadata(base.metadata ?? {}, wanted, warn),
    spec: mergeContainers(mergeSpec(spec, wanted, warn), wanted, names, warn),
  };
  return { pod: merged, warnings };
}

function mergeMetadata(base: V1ObjectMeta, template: PodTemplate, warn: Warn): V1ObjectMeta {
  const labels = mergeTexts("label", base.labels, template.labels, warn);
  const annotations = mergeTexts("annotation", base.annotations, template.annotations, warn);
  return { ...base, ...(labels && { labels }), ...(annotations && { annotations }) };
}

function mergeTexts(
  kind: "label" | "annotation",
  base: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
  warn: Warn,
): Record<string, string> | undefined {
  const taken = Object.entries(wanted).filter(([key, value]) => {
    if (kind === "label" && isOurs(key)) {
      warn(`The pod template's label ${key} is not used: Slipway finds its pods by it`);
      return false;
    }
    const before = base?.[key];
    if (before !== undefined && before !== value) {
      warn(`The pod template's ${kind} ${key} replaces "${before}"`);
    }
    return true;
  });
  return base === undefined && taken.length === 0 ? undefined : { ...base, ...Object.fromEntries(taken) };
}

/** `cleanup_job` and ARC delete by `runner-pod`: a pod without it would stay behind. */
function isOurs(label: string): boolean {
  return label === OWNER_LABEL || label.startsWith("slipway.dev/");
}
