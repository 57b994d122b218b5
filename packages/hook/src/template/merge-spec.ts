import type { V1PodSpec, V1Volume } from "@kubernetes/client-node";
import { BuildError } from "@slipway/core";
import type { PodTemplate, Warn } from "./pod-template.ts";

type Spec = Omit<V1PodSpec, "containers">;
/** One key's rule: what a pod has, what the template wants, and what comes of it. */
type Rule<Key extends keyof Spec> = (
  base: Spec[Key],
  wanted: NonNullable<Spec[Key]>,
  context: { readonly template: PodTemplate; readonly warn: Warn },
) => Spec[Key];

/** The keys that are merged; every other one replaces. */
const RULES: { readonly [Key in keyof Spec]?: Rule<Key> } = {
  volumes: (base = [], wanted, { template }) => {
    refuseClashes(base, wanted, template);
    return [...base, ...wanted];
  },
  // Ours come first: they bring what the others may need.
  initContainers: (base = [], wanted) => [...base, ...wanted],
  imagePullSecrets: (base = [], wanted) => {
    const known = new Set(base.map(({ name }) => name));
    return [...base, ...wanted.filter(({ name }) => !known.has(name))];
  },
  tolerations: (base = [], wanted) => [...base, ...wanted],
  securityContext: (base, wanted) => ({ ...base, ...wanted }),
  nodeSelector: (base, wanted) => ({ ...base, ...wanted }),
  restartPolicy: (base, wanted, { warn }) => {
    if (wanted !== base)
      warn(`The pod template's restartPolicy ${wanted} is not used: the pod of a job runs once`);
    return base;
  },
};

/** Everything of a pod's spec but its containers. */
export function mergeSpec(base: V1PodSpec, template: PodTemplate, warn: Warn): V1PodSpec {
  const merged: V1PodSpec = { ...base };
  for (const key of Object.keys(template.spec) as (keyof Spec)[]) {
    mergeKey(merged, key, template, warn);
  }
  return merged;
}

function mergeKey<Key extends keyof Spec>(spec: Spec, key: Key, template: PodTemplate, warn: Warn): void {
  // An empty value in YAML is `null`.
  const wanted = template.spec[key] as Spec[Key] | null;
  const rule = Object.hasOwn(RULES, key) ? (RULES[key] as Rule<Key>) : undefined;
  if (rule === undefined) {
    // The one way to take something away, such as the node's name.
    if (wanted === null) delete spec[key];
    else spec[key] = wanted as Spec[Key];
  } else if (wanted !== null && wanted !== undefined) {
    spec[key] = rule(spec[key], wanted, { template, warn });
  }
}

function refuseClashes(base: readonly V1Volume[], wanted: readonly V1Volume[], template: PodTemplate): void {
  const clash = wanted.find(({ name }) => base.some((volume) => volume.name === name));
  if (clash === undefined) return;
  const taken = base.map(({ name }) => name).join(", ");
  throw new BuildError(
    "INVALID_CONFIG",
    `The pod template ${template.path} has a volume "${clash.name}", and so has the pod itself`,
    { remedy: `Give the template's volume another name than ${taken}` },
  );
}
